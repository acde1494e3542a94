"""Small and odd workspaces, written to a folder, checked, trained and scored as a user would see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.bundle.bundle import write_bundle
from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.errors import TrainingError
from models.ingest import Ingested, read_history
from models.items.item_json import item_of
from models.rows.instants import parse_instant
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.workspace import load_workspace
from tests.builders.workspace_files import write_workspace_files
from tests.oracles.score_invariants import assert_sound
from training.preflight.preflight_run import run_preflight
from training.report.plots import plots_of
from training.report.report_page import render_report
from training.training_run import TrainingRun, train_scores

START = pd.Timestamp("2023-01-01")
SHOP = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.parquet"
[churn]
definition = "inactivity"
[clv]
horizon_days = 90
[upsell.big_basket]
target = "order_over"
amount = 60
"""
CUSTOMERS = """
[tables.customers]
source = "customers.parquet"
"""
LABELS = """
[tables.attributes]
source = "attributes.parquet"
[churn]
definition = "label"
column = "left"
positive = 1
"""
QUICK = """
[consent]
default = "granted"
[training]
trees = 10
snapshots = 3
"""


def orders(customers: int = 260, days: int = 480, seed: int = 0) -> pd.DataFrame:
    """Orders of customers who come within 100 days, buy at a rate of their own and fall silent at some time."""
    random = np.random.default_rng(seed)
    first, gap = random.uniform(0, 100, customers), random.lognormal(3.2, 0.6, customers)
    silent = first + random.exponential(260, customers)
    number = 40
    gaps = random.exponential(1, (customers, number)) * gap[:, None] + 0.01
    at = first[:, None] + np.column_stack([np.zeros(customers), gaps.cumsum(axis=1)[:, :-1]])
    who, which = np.nonzero(at < np.minimum(silent, days)[:, None])
    return pd.DataFrame(
        {
            "order_id": [f"o{row}" for row in range(len(who))],
            "customer_id": [f"c{customer:04}" for customer in who],
            "ordered_at": START + pd.to_timedelta(np.floor(at[who, which] * 86400), unit="s"),
            "amount": np.round(random.gamma(2, 20, len(who)) + 1, 2),
        }
    )


def attributes(customers: int = 400, seed: int = 1) -> pd.DataFrame:
    """A feature table whose `left` depends on contract and usage."""
    random = np.random.default_rng(seed)
    contract = np.where(random.random(customers) < 0.5, "monthly", "yearly")
    usage = random.lognormal(2, 1, customers)
    chance = 1 / (1 + np.exp(-(1.5 * (contract == "monthly") - 0.1 * usage)))
    return pd.DataFrame(
        {
            "customer_id": [f"c{customer:04}" for customer in range(customers)],
            "contract": contract,
            "usage": usage,
            "left": (random.random(customers) < chance).astype(int),
        }
    )


@dataclass(frozen=True)
class WorkspaceOutcome:
    """What a user sees of a workspace: preflight's codes, the training or why there was none, and everyone's scores."""

    ingested: Ingested
    checked: frozenset[str]
    run: TrainingRun | None
    refused: TrainingError | None
    scored: Scored | None

    @property
    def codes(self) -> set[str]:
        """The names of what training found, such as "W304:churn"."""
        run = self.run
        findings = [] if run is None else [*run.missing, *(finding for s in run.scores for finding in s.findings)]
        return {finding.name for finding in findings}

    @property
    def served(self) -> dict[str, str]:
        """By score, "boosted" or the kind of its baseline."""
        assert self.run is not None
        return {s.model.score: s.model.baseline.kind if s.model.baseline else "boosted" for s in self.run.scores}

    def items(self) -> list[dict[str, Any]]:
        """Everyone's answer, as the service would give it."""
        assert self.scored is not None
        return [item_of(self.scored, row) for row in range(len(self.scored))]

    def values(self, score: str) -> np.ndarray:
        """The scores of those who have one."""
        assert self.scored is not None
        values = self.scored.scores[score].values
        return values[~np.isnan(values)]


def train_and_score(
    folder: Path,
    toml: str,
    given: Mapping[str, pd.DataFrame] | None = None,
    /,
    *,
    as_of: str | None = None,
    score_with: Mapping[str, pd.DataFrame] | None = None,
    draw: bool = False,
    **named: pd.DataFrame,
) -> WorkspaceOutcome:
    """Write the tables, check them, train, write the bundle, and score everyone as of the cut-off.

    given, named: the tables. score_with: tables that take the place of some before scoring. draw: draw the report as
    well. Whatever is scored is checked by `assert_sound`.
    """
    write(folder, toml, {**(given or {}), **named})
    workspace = load_workspace(folder)
    ingested = read_history(workspace)
    checked = run_preflight(workspace, ingested)
    assert all(finding.fix and finding.what and finding.example for finding in checked)
    cut_off = ingested.as_of if as_of is None else parse_instant(as_of, "UTC")
    run, refused = None, None
    try:
        run = train_scores(workspace, ingested.history, cut_off)
    except TrainingError as error:
        refused = error
    if run is None:
        assert "fix:" in str(refused)
        return WorkspaceOutcome(ingested, frozenset(f.name for f in checked), None, refused, None)
    if draw:
        plots = {score.model.score: plots_of(score, workspace.config.business.currency) for score in run.scores}
        assert render_report(run, plots, ingested.sources)
    bundle = write_bundle(folder / "bundles", [score.model for score in run.scores], workspace=workspace.name)
    history = ingested.history
    if score_with:
        write(folder, toml, score_with)
        history = read_history(workspace).history
    scorer = Scorer(bundle, workspace)
    scorer.check(history)
    scored = scorer.score(history, cut_off, groups=True, contacted=Contacted(ContactHistory.none(), cut_off))
    assert_sound(scored)
    return WorkspaceOutcome(ingested, frozenset(f.name for f in checked), run, None, scored)


def write(folder: Path, toml: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """The workspace's files; QUICK is added where the text does not set `[training]` itself."""
    files = {f"{name}.parquet": table for name, table in tables.items()}
    write_workspace_files(folder, files, toml if "[training]" in toml else toml + QUICK)
