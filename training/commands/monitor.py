"""`tercet monitor`: compares today's customers with the champion's, and its predictions with outcomes."""

import json
from pathlib import Path

import click

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.errors import DataError
from models.files.atomic_files import write_json
from models.ingest import read_history, resolve_as_of
from models.workspace import load_workspace
from training.commands.console import show_steps
from training.commands.workspace_option import workspace_option
from training.monitoring.monitoring_document import document_of, metrics_of, tags_of
from training.monitoring.monitoring_run import monitor_champion
from training.monitoring.terminal_summary import monitoring_summary


@click.command()
@workspace_option
@click.option(
    "--as-of", metavar="TIME", help="Compare as of TIME, such as 2026-09-10, instead of the workspace's clock."
)
@click.option(
    "--scores",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also judge what `tercet score --out DIR` wrote, as far as it has matured; may be given several times.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the result as JSON; monitor.json in the workspace by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print that JSON instead of the tables.")
@click.pass_context
def monitor(
    context: click.Context,
    workspace: Path,
    as_of: str | None,
    folders: tuple[Path, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare today's customers with those that the champion was trained on, and matured scores with outcomes.

    Ends with 1 if there are errors that nobody accepted, for schedulers.
    """
    loaded = load_workspace(workspace)
    champion = read_champion(loaded.directory)
    bundle = read_champion_bundle(champion)
    with show_steps(len(bundle.models) + len(folders) + 2) as step:
        step("reading the tables")
        ingested = read_history(loaded, numeric=numeric_columns(bundle))
        at = ingested.as_of if as_of is None else resolve_as_of(loaded, ingested.history, as_of)
        found = monitor_champion(loaded, bundle, champion.version, ingested.history, at, sent=folders, on_step=step)
        document = document_of(found)
        place = out or loaded.directory / "monitor.json"
        try:
            write_json(place, document)
        except OSError as error:
            what = f"cannot write there ({error.strerror})"
            raise DataError(what, where=str(place), fix="choose another file with --out") from error
        step("recording in MLflow")
        from training.registry.mlflow_session import open_tracking  # noqa: PLC0415 - MLflow takes seconds to import: not before it is needed

        with open_tracking(loaded) as tracking:
            tracking.record_monitoring(document, metrics_of(found), tags_of(document), ingested.sources)
    if as_json:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        for line in monitoring_summary(found):
            click.echo(line)
    if found.errors:
        context.exit(1)
