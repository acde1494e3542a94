"""A champion as training makes it, looked at on the day of its cut-off and when its first outcomes have matured."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models.bundle.bundle import Bundle, write_bundle
from models.features.evaluation.feature_frame import assemble
from models.rows.as_of import AsOf
from models.rows.history import History
from models.score.population_profile import NumberBins
from models.workspace import Workspace
from tests.builders.histories import history_of
from tests.builders.narrowing import booster_of, numbers, present
from tests.builders.training_shop import DAY, START, workspace_at
from training.monitoring.monitoring_run import monitor_champion
from training.training_run import train_scores

pytestmark = pytest.mark.slow

CUT_OFF = START + 480 * DAY


def shop(days: int = 600, customers: int = 260, stop: int | None = None) -> History:
    """New customers every day; every other one buys on, at a rate of their own, or stops on a day."""
    random = np.random.default_rng(0)
    orders: list[Any] = []
    for customer in range(customers):
        at, gap = random.uniform(0, 400), random.lognormal(3, 0.6) if customer % 2 else 400
        while at < days:
            row = {"customer_id": f"{customer:03}", "order_id": len(orders), "ordered_at": START + int(at * DAY)}
            orders.append(row | {"amount": round(random.gamma(2, 20) + 1, 2)})
            at += random.exponential(gap) + 0.01
    kept = [row for row in orders if stop is None or row["ordered_at"] < stop or int(row["customer_id"]) % 10 == 1]
    return history_of(orders=kept)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Bundle]:
    folder = tmp_path_factory.mktemp("trained")
    workspace = workspace_at(folder)
    run = train_scores(workspace, shop(), CUT_OFF)
    return workspace, write_bundle(folder / "bundles", [score.model for score in run.scores], workspace="shop")


def test_on_the_day_of_the_cut_off_nothing_has_moved_and_nothing_is_due(trained: tuple[Workspace, Bundle]) -> None:
    found = monitor_champion(*trained, "1", shop(), CUT_OFF)
    assert found.findings == ()
    for drift in found.populations.values():
        assert drift.customers[0] == drift.customers[1]
        assert drift.scores.value == pytest.approx(0, abs=1e-12)
        assert all(of.psi.value == pytest.approx(0, abs=1e-12) for of in drift.features)
    assert {outcomes.standing for outcomes in found.outcomes.values()} == {"not matured"}
    assert found.outcomes["churn"].matures_at == CUT_OFF + 90 * DAY


def test_a_profile_is_of_the_eligible_at_the_cut_off_and_weighs_features_by_what_they_do(
    trained: tuple[Workspace, Bundle],
) -> None:
    _, bundle = trained
    model, history = bundle.models["churn"], shop()
    frame = assemble(model.declarations, AsOf(history, CUT_OFF))
    eligible = numbers(frame.columns["orders_all"]) > 0
    recency, profile = numbers(frame.columns["days_since_last_order"])[eligible], present(model.profile)
    assert profile.customers == eligible.sum()
    spread = profile.features["days_since_last_order"]
    assert isinstance(spread.bins, NumberBins)
    edges = [-1.0, *spread.bins.edges, 1e9]
    slow = [sum(low < days <= high for days in recency) / len(recency) for low, high in pairwise(edges)]
    np.testing.assert_allclose(spread.shares, [*slow, 0.0])
    gains = booster_of(model).feature_importance("gain")
    place = model.features.index("days_since_last_order")
    expected = model.blend.weight if model.blend else 0.0
    assert profile.weight["days_since_last_order"] == pytest.approx((1 - expected) * gains[place] / gains.sum())
    assert sum(profile.weight.values()) == pytest.approx(1)


def test_once_matured_a_sound_model_is_found_sound(trained: tuple[Workspace, Bundle]) -> None:
    found = monitor_champion(*trained, "1", shop(), CUT_OFF + 90 * DAY)
    churn, clv = found.outcomes["churn"], found.outcomes["clv"]
    assert (churn.standing, clv.standing) == ("judged", "judged")
    assert churn.predicted_at == CUT_OFF
    assert not {finding.code for finding in found.findings} & {"E710", "E711", "E712", "E713"}
    assert 0 <= clv.figures["coverage_top"].value <= 1


def test_customers_who_stop_buying_after_the_cut_off_are_told_by_their_outcomes(
    trained: tuple[Workspace, Bundle],
) -> None:
    found = monitor_champion(*trained, "1", shop(stop=CUT_OFF), CUT_OFF + 90 * DAY)
    assert {"E710:churn", "E711:clv"} <= {finding.name for finding in found.findings}
    assert found.errors
