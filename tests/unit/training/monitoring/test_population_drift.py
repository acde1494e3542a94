"""Customers of today held against those at the cut-off: what is told, and what is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.btyd.bg_nbd import BgNbd
from models.bundle.bundle import Bundle, write_bundle
from models.errors import DataError
from models.features.evaluation.feature_frame import assemble
from models.features.families.expected_purchases import PurchaseRhythm
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.score.baseline_model import BaselineModel
from models.score.score_model import ScoreModel
from models.targets.targets import targets_of
from models.workspace import Workspace, load_workspace
from tests.builders.histories import history_of, instant
from tests.builders.narrowing import numbers, present
from tests.builders.small_model import small_model, small_model_of_rate
from training.monitoring.monitoring_document import document_of
from training.monitoring.monitoring_run import MonitoringRun, monitor_champion
from training.monitoring.silent_tables import silence_findings

pytestmark = pytest.mark.slow

Monitoring = Callable[..., MonitoringRun]

DAY = MICROSECONDS_PER_DAY
START = instant("2024-01-01")
CUT_OFF = START + 500 * DAY
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
[clv]
[consent]
default = "granted"
"""
OF_LABELS = """
[business]
currency = "EUR"
[tables.attributes]
source = "attributes.csv"
[churn]
definition = "label"
column = "left"
positive = 1
[consent]
default = "granted"
"""


def shop(
    seed: int = 0,
    customers: int = 300,
    until: int = 500,
    amounts: float = 1.0,
    country: Callable[[int], str | None] | None = None,
    plan: Callable[[int, float | None], float | None] | None = None,
    visits_until: int | None = None,
) -> History:
    """Orders and visits at random up to a day, a country and a monthly plan each; what is given replaces chance."""
    random = np.random.default_rng(seed)
    orders, visits, people, plans = [], [], [], []
    for customer in range(customers):
        name = f"C{customer:03}"
        mine = country(customer) if country else ("NO", "FR", "DE")[random.integers(3)]
        people.append({"customer_id": name, "country": mine})
        bill = float(random.integers(10, 60)) if random.random() > 0.05 else None
        plans.append({"customer_id": name, "bill": bill if plan is None else plan(customer, bill)})
        for order in range(1 + random.poisson(3)):
            at = START + int(random.uniform(0, until) * DAY)
            amount = round(amounts * float(random.gamma(2, 20)) + 1, 2)
            orders.append({"customer_id": name, "order_id": f"{customer}-{order}", "ordered_at": at, "amount": amount})
        at = START + int(random.uniform(0, visits_until or until) * DAY)
        visits.append({"customer_id": name, "interaction_id": name, "at": at, "kind": "visit"})
    return history_of(orders=orders, interactions=visits, customers=people, attributes=plans)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "tercet.toml").write_text(TOML)
    return load_workspace(folder)


@pytest.fixture(scope="module")
def bundle(workspace: Workspace) -> Bundle:
    history = shop()
    models = [small_model(history, CUT_OFF, target) for target in targets_of(workspace.config)]
    return write_bundle(workspace.directory / "bundles", models, workspace="shop")


@pytest.fixture
def monitored(workspace: Workspace, bundle: Bundle) -> Monitoring:
    def run(history: History, as_of: int = CUT_OFF) -> MonitoringRun:
        return monitor_champion(workspace, bundle, "1", history, as_of)

    return run


def names(run: MonitoringRun) -> set[str]:
    return {finding.name for finding in run.findings}


def test_the_very_customers_of_the_cut_off_are_nothing_to_complain_about(monitored: Monitoring) -> None:
    run = monitored(shop())
    assert run.findings == ()
    assert run.populations["churn"].scores.value == pytest.approx(0, abs=1e-9)
    assert run.populations["churn"].customers == (300, 300)


def test_other_customers_of_the_same_kind_raise_no_alarm_whatever_their_number(monitored: Monitoring) -> None:
    alarms = [
        names(monitored(shop(seed, customers))) for seed, customers in enumerate([240, 300, 400, 300, 500, 260], 1)
    ]
    assert sum(bool(alarm) for alarm in alarms) <= 1


def test_a_feature_on_which_little_rests_is_shown_and_not_told(monitored: Monitoring) -> None:
    run = monitored(shop(seed=1, amounts=100))
    spend = {of.feature.name: of for of in run.populations["churn"].features}["spend_365d"]
    assert spend.psi.moved(1.0)
    assert spend.weight < 0.05
    assert "W702:spend_365d" not in names(run)


def test_a_drift_that_breaks_the_scores_is_an_error_of_the_score_and_of_the_feature_it_rests_on(
    monitored: Monitoring,
) -> None:
    run = monitored(shop(seed=1, until=380))
    assert {"E701:churn", "E701:clv", "E702:days_since_last_order"} <= names(run)
    assert run.errors == sum(name.startswith("E") for name in names(run))
    assert sum(name.endswith(":days_since_last_order") for name in names(run)) == 1  # once, not once a score


def test_totals_that_grow_with_time_are_shown_but_never_told(monitored: Monitoring) -> None:
    run = monitored(shop(seed=1, until=680), START + 680 * DAY)
    drift = {of.feature.name: of for of in run.populations["churn"].features}
    assert drift["days_since_first_order"].psi.moved(0.1)
    assert drift["days_since_first_order"].grows_with_time
    assert not any("days_since_first_order" in name for name in names(run))


def test_words_never_seen_are_told_with_the_frequent_ones_alone(monitored: Monitoring) -> None:
    run = monitored(shop(seed=1, country=lambda i: "IS" if i < 40 else "Mr Rare" if i == 50 else "NO"))
    (told,) = [finding for finding in run.findings if finding.subject == "country"]
    assert told.code == "E704"
    assert "'IS'" in told.what
    assert "Rare" not in told.what
    assert "13.7%" in told.what
    few = monitored(shop(seed=1, country=lambda i: "IS" if i % 34 == 0 else ("NO", "FR", "DE")[i % 3]))
    assert few.findings == ()


def test_a_column_that_stops_being_filled_is_an_error(monitored: Monitoring) -> None:
    run = monitored(shop(seed=1, plan=lambda i, bill: bill if i % 2 else None))
    assert "E703:bill" in names(run)
    assert "W702:bill" not in names(run)


def test_customers_who_vanish_from_the_tables_are_told(monitored: Monitoring) -> None:
    assert "E706:churn" in names(monitored(shop(seed=1, customers=120)))
    assert "W706:churn" in names(monitored(shop(seed=1, customers=200)))


def test_customers_of_whom_training_saw_a_sample_are_compared_by_their_whole_number(workspace: Workspace) -> None:
    history = shop()
    models = [small_model(history, CUT_OFF, target) for target in targets_of(workspace.config)]
    drawn = [replace(model, profile=replace(present(model.profile), sampled=0.25)) for model in models]
    bundle = write_bundle(workspace.directory / "drawn", drawn, workspace="shop")
    run = monitor_champion(workspace, bundle, "1", history, CUT_OFF)
    assert run.populations["churn"].customers == (1200, 300)
    assert names(run) == {"E706:churn", "E706:clv"}


def test_scores_of_two_trainings_are_each_looked_at_with_the_numbers_of_their_own_fit(tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(TOML.replace("[clv]", "[clv]\nhorizon_days = 90"))
    workspace, history = load_workspace(tmp_path), shop(until=600)
    features: dict[str, Feature] = {}
    models: list[ScoreModel] = []
    for r, target in zip((0.3, 0.9), targets_of(workspace.config), strict=True):
        feature = PurchaseRhythm(BgNbd(r, 4.0, 0.8, 2.5, converged=True, log_likelihood=0.0), None).silence(90)
        read = BaselineModel("recent_spend", 1.0, (feature.name,))
        model = replace(small_model_of_rate(target), declarations=(feature,), baseline=read, cut_off=CUT_OFF)
        features[target.score], models = feature, [*models, model]
    bundle = write_bundle(tmp_path / "bundles", models, workspace="shop")
    run = monitor_champion(workspace, bundle, "1", history, CUT_OFF + 90 * DAY)
    then = AsOf(history, CUT_OFF)
    for score, feature in features.items():
        expected = np.nansum(numbers(assemble((feature,), then).columns[feature.name]))
        assert run.outcomes[score].totals[0] == pytest.approx(float(expected))


def test_a_table_that_falls_silent_is_told_as_soon_as_its_rhythm_is_broken(monitored: Monitoring) -> None:
    silent = shop(seed=1, visits_until=430)
    assert "E705:interactions" in names(monitored(silent))
    assert not list(silence_findings(silent, ["interactions", "orders"], START + 433 * DAY))
    assert "E705:orders" not in names(monitored(silent))


def test_rows_from_the_instant_on_are_not_seen(monitored: Monitoring) -> None:
    at = CUT_OFF - 5 * DAY
    history = shop(seed=1)
    orders = history.tables["orders"]
    amounts = numbers(orders.columns["amount"])
    amount = np.where(orders.at >= at, 1000 * amounts, amounts)
    later = replace(orders, columns={**orders.columns, "amount": amount})
    changed = replace(history, tables={**history.tables, "orders": later}, newest_at=at + 900 * DAY)
    assert document_of(monitored(changed, at)) == document_of(monitored(history, at))
    assert document_of(monitored(changed)) != document_of(monitored(history))


def test_an_instant_long_before_the_cut_off_is_refused(monitored: Monitoring) -> None:
    with pytest.raises(DataError, match="nothing to hold against it"):
        monitored(shop(), CUT_OFF - 8 * DAY)


def test_a_label_has_no_clock_and_only_its_population_is_compared(tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(OF_LABELS)
    workspace = load_workspace(tmp_path)

    def table(calls: float, seed: int = 0) -> History:
        random = np.random.default_rng(seed)
        people = [{"customer_id": f"C{i:03}", "calls": calls * random.random(), "left": i % 3 == 0} for i in range(200)]
        return history_of(attributes=people, labels=["left"])

    (target,) = targets_of(workspace.config)
    bundle = write_bundle(tmp_path / "bundles", [small_model(table(10), CUT_OFF, target)], workspace="shop")
    same = monitor_champion(workspace, bundle, "1", table(10, seed=1), CUT_OFF + DAY)
    assert (same.findings, same.outcomes["churn"].standing) == ((), "no clock")
    moved = monitor_champion(workspace, bundle, "1", table(30, seed=1), CUT_OFF + DAY)
    assert any(name.endswith("702:calls") for name in names(moved))


def test_a_champion_without_a_profile_is_told_and_the_rest_still_looked_at(workspace: Workspace) -> None:
    history = shop()
    models = [replace(small_model(history, CUT_OFF, t), profile=None) for t in targets_of(workspace.config)]
    bundle = write_bundle(workspace.directory / "old", models, workspace="shop")
    run = monitor_champion(workspace, bundle, "1", history, CUT_OFF)
    assert names(run) == {"W707:churn", "W707:clv"}
    assert not run.errors
