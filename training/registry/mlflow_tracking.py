"""MLflow tracking: one parent run a training, a nested run a score, one registered version a bundle."""

import json
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import mlflow
import mlflow.lightgbm
import mlflow.pyfunc
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema

import models
from models.bundle.bundle import Bundle, write_bundle
from models.features.language.specification import lightgbm_name
from models.ingest import SourceDigest
from models.rows.instants import format_instant
from models.score.score_model import ScoreModel
from models.workspace import Workspace
from training.backtest.backtest_figures import metrics_by_step
from training.backtest.backtest_rounds import Backtest
from training.promotion.promotion import RegisteredVersion
from training.report.plots import Plot
from training.report.report_page import Origin
from training.run_values import figures_of, findings_by_code, parameters_of
from training.trained_score import TrainedScore
from training.training_run import TrainingRun

CHAMPION, CHALLENGER = "champion", "challenger"
METRICS_A_CALL = 1000
"""MLflow's limit on the number of metrics in a call."""
DIGEST_TAG = "bundle_digest"
PROMOTED = ("promoted_from", "taken_from.", "forced_because")
"""The prefix of a version's tags about its latest promotion; every promotion has a run of its own, too."""
NEEDED_TO_SCORE = ("lightgbm", "mlflow", "numba", "numpy", "pandas", "pydantic", "scipy")


class Tracking:
    """The experiment and the registered model of one workspace."""

    def __init__(self, workspace: Workspace, artifact_root: str | None) -> None:
        self.workspace, self.artifact_root = workspace, artifact_root
        self.model_name = f"tercet-{workspace.name}"
        self.client = mlflow.MlflowClient()

    def record(
        self,
        run: TrainingRun,
        sources: Sequence[SourceDigest],
        plots: Mapping[str, Sequence[Plot]],
        report: Callable[[Origin], str],
    ) -> RegisteredVersion:
        """Record a training, write its bundle into the workspace and register it as the challenger.

        report: the page, given where all this is kept; it is recorded too.
        """
        inputs = [dataset_input(source) for source in sources]
        with mlflow.start_run(experiment_id=self._experiment(), run_name="training") as parent:
            self.client.log_inputs(parent.info.run_id, inputs)
            mlflow.set_tags(
                {"tercet.cut_off": format_instant(run.cut_off), "tercet.policy": self.workspace.policy_version}
            )
            mlflow.log_params(
                {
                    "customers": run.customers,
                    "customers_allowed": run.allowed,
                    **self.workspace.config.training.model_dump(),
                }
            )
            trained = [self._record_score(score, inputs, plots[score.model.score]) for score in run.scores]
            bundle = write_bundle(self.workspace.directory / "bundles", trained, workspace=self.workspace.name)
            registered = self._register(bundle)
            origin = Origin(parent.info.run_id, registered.version, registered.digest)
            mlflow.log_text(report(origin), "report.html")
        self.client.set_registered_model_alias(self.model_name, CHALLENGER, registered.version)
        return registered

    def register(self, bundle: Bundle) -> RegisteredVersion:
        """Register a bundle that promotion has put together, in a run of its own."""
        with mlflow.start_run(experiment_id=self._experiment(), run_name="merged bundle"):
            return self._register(bundle)

    def record_monitoring(
        self,
        document: Mapping[str, Any],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        sources: Sequence[SourceDigest],
    ) -> None:
        """Record a monitoring run in an MLflow run of its own: its figures, and all of it as monitor.json."""
        with mlflow.start_run(experiment_id=self._experiment(), run_name="monitoring") as run:
            self.client.log_inputs(run.info.run_id, [dataset_input(source, "monitoring") for source in sources])
            mlflow.set_tags(dict(tags))
            log_metrics(metrics)
            mlflow.log_dict(dict(document), "monitor.json")

    def record_backtest(self, backtest: Backtest, sources: Sequence[SourceDigest], texts: Mapping[str, str]) -> None:
        """Record a backtest as one run: its figures by step (days since the first date, or the fold), and its files."""
        with mlflow.start_run(experiment_id=self._experiment(), run_name="backtest") as run:
            self.client.log_inputs(run.info.run_id, [dataset_input(source, "backtest") for source in sources])
            mlflow.set_tags({"tercet.as_of": format_instant(backtest.as_of)})
            dates = " ".join(format_instant(date)[:10] for date in backtest.dates)
            mlflow.log_params({"dates": dates, **self.workspace.config.training.model_dump()})
            for step, metrics in metrics_by_step(backtest).items():
                log_metrics(metrics, step)
            for name, text in texts.items():
                mlflow.log_text(text, name)

    def version(self, version: str | None) -> RegisteredVersion | None:
        """A version by its number, or the challenger; None if there is none such."""
        try:
            if version is None:
                found = self.client.get_model_version_by_alias(self.model_name, CHALLENGER)
            else:
                found = self.client.get_model_version(self.model_name, version)
        except MlflowException:
            return None
        return RegisteredVersion(str(found.version), found.tags[DIGEST_TAG])

    def name_champion(self, registered: RegisteredVersion, tags: Mapping[str, str]) -> None:
        """Give a version the alias champion; say on it, in place of what an earlier promotion said, and in a run of its
        own, how it came to that.
        """
        said = self.client.get_model_version(self.model_name, registered.version).tags
        for name in said.keys() - tags.keys():
            if name.startswith(PROMOTED):
                self.client.delete_model_version_tag(self.model_name, registered.version, name)
        for name, value in tags.items():
            self.client.set_model_version_tag(self.model_name, registered.version, name, value)
        self.client.set_registered_model_alias(self.model_name, CHAMPION, registered.version)
        with mlflow.start_run(experiment_id=self._experiment(), run_name="promotion"):
            mlflow.set_tags({f"tercet.{name}": value for name, value in tags.items()})
            mlflow.log_params({"version": registered.version, "bundle_digest": registered.digest})

    def _experiment(self) -> str:
        name = f"tercet/{self.workspace.name}"
        found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self.client.create_experiment(name, self.artifact_root))

    def _record_score(self, score: TrainedScore, inputs: list[DatasetInput], plots: Sequence[Plot]) -> ScoreModel:
        """The nested run of one score; its model with the run's id."""
        model = score.model
        with mlflow.start_run(experiment_id=self._experiment(), run_name=model.score, nested=True) as child:
            self.client.log_inputs(child.info.run_id, inputs)
            mlflow.log_params(parameters_of(model) | {name: str(value) for name, value in score.parameters.items()})
            mlflow.log_metrics({"rows": len(score.data), "customers": score.data.customer_count, **figures_of(model)})
            mlflow.set_tags(
                {"tercet.score": model.score, "tercet.grade": model.grade, "tercet.why": score.verdict.why}
                | findings_by_code(score.findings)
            )
            with tempfile.TemporaryDirectory() as folder:
                for plot in plots:
                    (Path(folder) / f"{plot.name}.png").write_bytes(plot.png)
                mlflow.log_artifacts(folder)
            if model.booster is not None:
                names = [lightgbm_name(name) for name in model.features]
                mlflow.lightgbm.log_model(
                    model.booster,
                    name=model.score.replace(".", "-"),
                    signature=ModelSignature(
                        Schema([ColSpec("double", name) for name in names]), Schema([ColSpec("double")])
                    ),
                    pip_requirements=[requirement("lightgbm")],
                )
            return replace(model, run_id=child.info.run_id)

    def _register(self, bundle: Bundle) -> RegisteredVersion:
        """Log the bundle as a pyfunc model of the active run, and register it."""
        policy, config = self.workspace.policy, self.workspace.config
        with warnings.catch_warnings():
            # The signature comes from the bundle; an example row of it would be no customer's.
            warnings.filterwarnings("ignore", message=".*An input example was not provided", category=UserWarning)
            logged = mlflow.pyfunc.log_model(
                name="bundle",
                python_model=str(Path(__file__).with_name("pyfunc_model.py")),
                artifacts={"bundle": str(bundle.directory)},
                code_paths=[str(Path(models.__file__).parent)],
                pip_requirements=[requirement(package) for package in NEEDED_TO_SCORE],
                signature=ModelSignature(feature_schema(bundle)),
                model_config={
                    "high": policy.bands.high,
                    "medium": policy.bands.medium,
                    "minor_units": config.minor_units,
                },
            )
        if not self.client.search_registered_models(f"name = '{self.model_name}'"):
            self.client.create_registered_model(self.model_name)
        created = self.client.create_model_version(
            self.model_name,
            source=logged.model_uri,
            run_id=logged.run_id,
            model_id=logged.model_id,
            tags={DIGEST_TAG: bundle.digest} | {f"grade.{name}": model.grade for name, model in bundle.models.items()},
        )
        return RegisteredVersion(str(created.version), bundle.digest)


def log_metrics(metrics: Mapping[str, float], step: int | None = None) -> None:
    """Log any number of figures to the active run."""
    named = sorted(metrics.items())
    for start in range(0, len(named), METRICS_A_CALL):
        mlflow.log_metrics(dict(named[start : start + METRICS_A_CALL]), step=step)


def requirement(package: str) -> str:
    """The package at the version that trained."""
    return f"{package}=={installed_version(package)}"


def feature_schema(bundle: Bundle) -> Schema:
    """Every feature that some model of the bundle reads; all may be left out."""
    declared = [feature for model in bundle.models.values() for feature in model.declarations]
    categories = {feature.name for feature in declared if feature.kind == "category"}
    names = sorted({name for model in bundle.models.values() for name in model.features})
    columns = [ColSpec("string" if name in categories else "double", name, required=False) for name in names]
    return Schema([ColSpec("string", "customer_id", required=False), *columns])


def dataset_input(source: SourceDigest, context: str = "training") -> DatasetInput:
    """A table's digest, as MLflow records what a run was given; a password in a URL is left out."""
    dataset = Dataset(
        name=source.table,
        digest=source.sha256[:36],  # the database's column is no longer
        source_type="tercet",
        source=json.dumps({"source": source.without_password, "sha256": source.sha256, "rows": source.rows}),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", context)])
