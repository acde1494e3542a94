"""Outcomes of scoring runs: scores that `tercet score` wrote earlier, compared with what happened since."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.bundle.bundle import Bundle, read_bundle
from models.errors import DataError
from models.ingest.encoding.arrow_columns import python_values
from models.rows.instants import parse_instant
from models.score.percentile_and_band import BANDS
from models.score.score_model import ScoreModel
from models.targets.targets import Target
from models.workspace import Workspace
from training.monitoring.maturity import closed_window
from training.monitoring.score_outcomes import Predictions, ScoreOutcomes, judge_outcomes
from training.windows.population import Population

OTHER_FOLDER = "give a folder that `tercet score --out` has filled"


@dataclass(frozen=True)
class ScoringRunOutcomes:
    """One folder of `tercet score`: as of when, by which version, and what came of each score in it.

    gone: customers of its files who are not known any more, or may no longer be profiled; they are left out.
    """

    folder: Path
    as_of: int
    bundle_version: str
    customers: int
    gone: int
    outcomes: tuple[ScoreOutcomes, ...]


@dataclass(frozen=True)
class ScoringRunTable:
    """The columns of a folder's files for the customers that are still known, and their positions in the population."""

    columns: pa.Table
    customers: NDArray[np.intp]

    def predictions(self, model: ScoreModel) -> Predictions:
        """What was sent of one score; NaN for who had none."""
        score, band = columns_of(model)
        sent = np.asarray(self.columns[score].to_numpy(zero_copy_only=False), dtype=np.float64)
        if band is None:
            return Predictions(sent, None)
        places = {word: place for place, word in enumerate(BANDS)}
        return Predictions(
            sent, np.array([places.get(word, -1) for word in python_values(self.columns[band])], np.intp)
        )


def judge_scoring_run(
    folder: Path, workspace: Workspace, targets: Mapping[str, Target], population: Population, as_of: int
) -> ScoringRunOutcomes:
    """Evaluate the scores of a folder as far as they have matured by `as_of` (microseconds).

    Raises DataError if it holds no finished run of this workspace as whole Parquet files, or if its bundle is gone.
    """
    manifest = read_manifest(folder, workspace)
    bundle = bundle_of(manifest, folder, workspace)
    sent_at = parse_instant(manifest["as_of"], "UTC")
    everyone = read_parts(folder, manifest, bundle)
    places = [population.history.position(name) for name in python_values(everyone["customer_id"])]
    rows = np.array([row for row, place in enumerate(places) if place is not None], dtype=np.intp)
    customers = np.array([place for place in places if place is not None], dtype=np.intp)
    table = ScoringRunTable(everyone.take(pa.array(rows, pa.int64())), customers)
    there = [model for model in bundle.models.values() if set(columns_of(model)) - {None} <= set(everyone.column_names)]
    seed = workspace.config.training.seed
    return ScoringRunOutcomes(
        folder=folder,
        as_of=sent_at,
        bundle_version=str(manifest["bundle_version"]),
        customers=len(places),
        gone=len(places) - len(rows),
        outcomes=tuple(
            judge_score(model, targets.get(model.score), table, population, sent_at, as_of, seed) for model in there
        ),
    )


def judge_score(
    model: ScoreModel,
    target: Target | None,
    table: ScoringRunTable,
    population: Population,
    sent_at: int,
    as_of: int,
    seed: int,
) -> ScoreOutcomes:
    """The outcomes of one score of a folder, or why it cannot be evaluated."""
    window = closed_window(model, target, population.history, sent_at, as_of)
    if isinstance(window, ScoreOutcomes):
        return window
    sent = table.predictions(model)
    came = np.where(np.isnan(sent.scores), np.nan, window.came(population.history)[table.customers])
    return judge_outcomes(model, sent, came, predicted_at=sent_at, matures_at=window.until, seed=seed)


def columns_of(model: ScoreModel) -> tuple[str, str | None]:
    """The columns of the score and of its band."""
    if model.kind == "clv":
        return "predicted_clv", None
    prefix = model.score.replace(".", "_")
    return f"{prefix}_probability", f"{prefix}_band"


def read_manifest(folder: Path, workspace: Workspace) -> dict[str, Any]:
    """The manifest of a finished run of this workspace."""
    path = folder / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        whole = manifest["complete"] and (manifest["format"], manifest["columns"]) == ("parquet", "full")
        own = manifest["workspace"] == workspace.name
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("there is no manifest of scores", where=str(path), fix=OTHER_FOLDER) from error
    if not own:
        raise DataError(f"these are the scores of the workspace {manifest['workspace']!r}", where=str(folder))
    if not whole:
        fix = "only whole Parquet files (--format parquet --columns full) can be judged; finish it with --resume"
        raise DataError("the run was not finished, or written in another form", where=str(folder), fix=fix)
    return manifest


def bundle_of(manifest: Mapping[str, Any], folder: Path, workspace: Workspace) -> Bundle:
    """The bundle that gave the scores: it says over which horizon, and what was promised."""
    digest = str(manifest["bundle_digest"])
    place = workspace.directory / "bundles" / digest[:16]
    if not place.is_dir():
        what = f"the bundle of version {manifest['bundle_version']}, which gave these scores, is not in the workspace"
        raise DataError(what, where=str(folder), fix="put it back, or leave the folder out")
    return read_bundle(place)


def read_parts(folder: Path, manifest: Mapping[str, Any], bundle: Bundle) -> pa.Table:
    """The customers and those of the bundle's scores that were written, of all parts in their order."""
    wanted = ["customer_id", *(column for model in bundle.models.values() for column in columns_of(model) if column)]
    try:
        files = [folder / part["file"] for part in manifest["parts"]]
        there = [column for column in wanted if column in pq.read_schema(files[0]).names]
        return pa.concat_tables(pq.read_table(file, columns=there) for file in files)
    except (OSError, LookupError, pa.ArrowException) as error:
        raise DataError("its parts cannot be read", where=str(folder), fix=OTHER_FOLDER) from error
