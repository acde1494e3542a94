"""A consent of an id that nobody has: `tercet check` names it, with the id that it is like."""

from pathlib import Path

from models.ingest import read_history, wall_clock
from models.workspace import load_workspace
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from tests.builders.small_workspace import PROSPECT
from training.findings.finding import Finding
from training.preflight.preflight_run import run_preflight


def stray(shop: Path) -> list[Finding]:
    workspace = load_workspace(shop)
    return [finding for finding in run_preflight(workspace, read_history(workspace)) if finding.code == "W503"]


def test_a_mistyped_id_is_named_with_the_one_that_it_is_like(shop: Path) -> None:
    store, now = open_store(f"sqlite:///{shop / 'tercet.db'}"), wall_clock()
    record_consent(store, PROSPECT, {"email": False}, now, "call", now)  # is in the tables, without an order
    record_consent(store, "C-005", {"email": False}, now, "call", now)
    assert stray(shop) == []
    for typed in ("C-00S", "somebody else"):
        record_consent(store, typed, {"profiling": False}, now, "call", now)
    store.dispose()
    (finding,) = stray(shop)
    assert (finding.subject, finding.count) == ("store.consents", 2)
    assert str(finding.example).startswith("C-00S, which is like C-")
    toml = shop / "tercet.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + finding.change, encoding="utf-8")
    assert load_workspace(shop).config.accept["W503:store.consents"]
