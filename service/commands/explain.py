"""`tercet explain CUSTOMER_ID`: prints one customer's scores, reasons and next best action."""

import unicodedata
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.decisions.funnel import decide
from models.decisions.support_priority import Ticket, prioritise
from models.errors import DataError
from models.ingest import read_history, resolve_as_of, wall_clock
from models.rows.instants import format_instant
from models.scorer import Scorer
from models.workspace import load_workspace
from service.commands.workspace_option import workspace_option
from service.store.contacts.current_contacts import contacts_now
from service.terminal.customer_view import customer_view

WIDTH_WITHOUT_TERMINAL = 120


@click.command()
@workspace_option
@click.argument("customer_id")
@click.option("--as-of", help="Score as if it were then: 2026-11-21 or 2026-11-21T10:00:00Z.")
@click.option("--reasons", default=5, show_default=True, type=click.IntRange(0, 50), help="How many reasons a score.")
def explain(workspace: Path, customer_id: str, as_of: str | None, reasons: int) -> None:
    """Show one customer: scores, reasons, segments, the next best action and why not the others. Logs nothing."""
    loaded = load_workspace(workspace)
    champion = read_champion(loaded.directory)
    bundle = read_champion_bundle(champion)
    scorer = Scorer(bundle, loaded)
    tables = read_history(loaded, numeric=numeric_columns(bundle))
    scorer.check(tables.history)
    row = tables.history.position(unicodedata.normalize("NFC", customer_id))
    if row is None:
        fix = "ids are written as in the tables; `tercet check` counts rows that were put aside"
        raise DataError(f"there is no customer {customer_id!r}", where=str(loaded.directory), fix=fix)
    instant, now = resolve_as_of(loaded, tables.history, as_of), wall_clock()
    history = tables.history.select([row])
    scored = scorer.score(history, instant, top_reasons=reasons)
    decisions = decide(loaded, scored, contacts_now(loaded, history, now), now)
    (priority,) = prioritise(loaded, bundle, scored, [Ticket(0, now)], now)
    console = Console() if Console().is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)
    versions = f"as of {format_instant(instant)}, bundle version {champion.version}, policy {loaded.policy_version}"
    console.print(Text(str(scored.customer_ids[0]), "bold").append(f" {versions}", "not bold"))
    console.print(customer_view(scored, history, decisions, priority, loaded))
