"""What `tercet check` says that a score would lack is what training then finds, score by score."""

import re
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from tests.builders.edge_workspaces import LABELS, SHOP, START, WorkspaceOutcome, attributes, orders, train_and_score
from training.findings.training_codes import (
    NO_LABEL,
    NO_OUTCOME,
    NO_WINDOW,
    NOTHING_TO_LEARN_FROM,
    SCALED,
    SHORT_HISTORY,
    TOO_FEW,
)

FORETOLD = {NO_WINDOW, SHORT_HISTORY, NO_OUTCOME, TOO_FEW, NO_LABEL, NOTHING_TO_LEARN_FROM}
SAME = {SCALED: SHORT_HISTORY}
"""Training tells of a scaled score by a code of its own."""
RARE = 4000


def with_horizons(days: int) -> str:
    """The shop with this horizon for every score."""
    churn = SHOP.replace('"inactivity"', f'"inactivity"\nhorizon_days = {days}')
    return churn.replace("= 90", f"= {days}").replace("= 60", f"= 60\nhorizon_days = {days}")


def rare_offer() -> pd.DataFrame:
    """Orders over RARE that many customers make before the latest window of 60 days, and 8 in it."""
    shop = orders(600)
    day = (shop.ordered_at - START).dt.days
    chosen = shop[(day > 365) & (day < 415)].drop_duplicates("customer_id").index
    shop.loc[chosen, "amount"] = 5000.0
    shop.loc[shop[day > 440].drop_duplicates("customer_id").index[:8], "amount"] = 5000.0
    return shop


CASES = {
    "a shop": (SHOP, {"orders": orders(400)}),
    "few customers": (SHOP, {"orders": orders(50)}),
    "one customer": (SHOP, {"orders": orders(1, seed=5)}),
    "a short history": (SHOP, {"orders": orders(300, days=200)}),
    "a history with room for a window, too short for a third": (SHOP, {"orders": orders(300, days=130)}),
    "hardly any history": (SHOP, {"orders": orders(300, days=40)}),
    "a horizon to be scaled to": (with_horizons(200), {"orders": orders(400, days=330)}),
    "a horizon longer than the history": (with_horizons(3650), {"orders": orders(300)}),
    "no purchases": (SHOP, {"orders": orders(300).assign(amount=-5.0)}),
    "an offer rare in the latest window": (SHOP.replace("= 60", f"= {RARE}"), {"orders": rare_offer()}),
    "labels": (LABELS, {"attributes": attributes()}),
    "few labels": (LABELS, {"attributes": attributes(120)}),
    "labels of one kind": (LABELS, {"attributes": attributes().assign(left=1)}),
    "labels without a feature": (LABELS, {"attributes": attributes().assign(contract="x", usage=1.0)}),
    "no label": (LABELS, {"attributes": attributes().drop(columns="left")}),
}


@pytest.fixture(scope="module")
def outcome_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], WorkspaceOutcome]:
    """Each case is trained once."""
    return cache(lambda case: train_and_score(tmp_path_factory.mktemp("case"), *CASES[case]))


@pytest.mark.parametrize("case", CASES)
def test_what_is_foretold_is_what_training_finds(case: str, outcome_of: Callable[[str], WorkspaceOutcome]) -> None:
    outcome = outcome_of(case)
    trained = outcome.codes | {
        f"{code}:{score}" for code, score in re.findall(r"([EW]\d{3}) (\S+):", str(outcome.refused))
    }
    names = (name.split(":", 1) for name in trained)
    found = {f"{SAME.get(code, code)}:{score}" for code, score in names if SAME.get(code, code) in FORETOLD}
    assert {name for name in outcome.checked if name.split(":")[0] in FORETOLD} == found


def test_a_model_that_training_makes_is_not_foretold_to_be_a_baseline(
    outcome_of: Callable[[str], WorkspaceOutcome],
) -> None:
    case = "an offer rare in the latest window"
    outcome, shop = outcome_of(case), CASES[case][1]["orders"]
    day = shop.ordered_at
    latest = shop[day > day.max() - pd.Timedelta(days=60)]
    assert (latest.amount > RARE).sum() == 8
    assert outcome.served["upsell.big_basket"] == "boosted"
    assert not {name for name in outcome.checked if name.endswith("upsell.big_basket")}
