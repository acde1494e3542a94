import numpy as np
import pytest

from models.features.catalogue import declared_features
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.targets.targets import targets_of
from models.workspace import Config
from tests.builders.histories import history_of, instant
from training.windows.history_before import history_before
from training.windows.labelled_rows import label, stack
from training.windows.population import Population

DAY = MICROSECONDS_PER_DAY
ORDERS = [
    {"customer_id": "a", "order_id": "1", "ordered_at": "2024-01-05", "amount": 10, "category": "books"},
    {"customer_id": "a", "order_id": "2", "ordered_at": "2024-03-01", "amount": 20, "category": "music"},
    {"customer_id": "b", "order_id": "3", "ordered_at": "2024-01-20", "amount": 30, "category": "books"},
    {"customer_id": "c", "order_id": "4", "ordered_at": "2024-06-01", "amount": 40, "category": "toys"},
]
CONFIG = Config.model_validate(
    {
        "tables": {"orders": {"source": "orders.csv"}},
        "churn": {"definition": "inactivity", "horizon_days": 30},
        "clv": {},
    }
)
CHURN, CLV = targets_of(CONFIG)


def population(history: History) -> Population:
    return Population(history, declared_features(history))


def test_only_who_is_eligible_at_a_snapshot_is_labelled_by_what_came_in_its_window() -> None:
    history = history_of(orders=ORDERS)
    labelled = label(population(history), CHURN, instant("2024-02-10"), 30)
    assert history.customer_ids[labelled.customers].tolist() == ["a", "b"]
    assert labelled.y.tolist() == [0.0, 1.0]


def test_a_table_stacks_customers_at_snapshots_with_features_as_of_each() -> None:
    everyone = population(history_of(orders=ORDERS))
    snapshots = [label(everyone, CHURN, instant(day), 30) for day in ("2024-02-10", "2024-04-10")]
    data = stack(everyone, snapshots)
    assert data.customers.tolist() == [0, 1, 0, 1]
    assert data.at.tolist() == [instant("2024-02-10")] * 2 + [instant("2024-04-10")] * 2
    assert data.column("orders_all").tolist() == [1, 1, 2, 1]
    assert data.customer_count == 2
    assert data.take(data.y > 0).y.tolist() == [1.0, 1.0, 1.0]


def test_the_training_matrix_is_the_serving_matrix_bit_for_bit() -> None:
    history = history_of(orders=ORDERS)
    everyone = population(history)
    at = instant("2024-04-10")
    data = stack(everyone, [label(everyone, CLV, at, 30)])
    for row, customer in enumerate(data.customers.tolist()):
        alone = Population(history.select([customer]), everyone.features)
        assert np.array_equal(data.X[row], alone.frame(at).matrix(data.names, data.vocabularies)[0], equal_nan=True)


def test_the_fold_of_a_customer_does_not_depend_on_who_else_is_there() -> None:
    history = history_of(orders=ORDERS)
    folds = population(history).folds(20)
    assert population(history.select([1, 2])).folds(20).tolist() == folds[1:].tolist()
    many = history_of(orders=[dict(ORDERS[0], customer_id=f"{i:04}") for i in range(500)])
    assert np.bincount(population(many).folds(20)).tolist() == pytest.approx([100] * 5, abs=30)


def test_before_the_cut_off_later_rows_and_customers_do_not_exist() -> None:
    history = history_of(orders=ORDERS)
    known = history_before(history, instant("2024-03-01"))
    assert known.customer_ids.tolist() == ["a", "b"]
    assert np.diff(known.tables["orders"].offsets).tolist() == [1, 1]
    assert known.newest_at == instant("2024-01-20")


def test_a_subscription_that_ended_before_the_cut_off_shows_how_far_the_rows_reach() -> None:
    rows = [
        {"customer_id": who, "started_at": "2024-01-01", "ended_at": float(instant(end))}
        for who, end in (("a", "2024-02-20"), ("b", "2024-04-01"))
    ]
    assert history_before(history_of(subscriptions=rows), instant("2024-03-01")).newest_at == instant("2024-02-20")


def test_a_customer_who_signed_up_before_the_cut_off_is_known_without_any_row() -> None:
    people = [
        {"customer_id": who, "signed_up_at": float(instant(day))}
        for who, day in (("z", "2024-01-01"), ("c", "2024-05-01"))
    ]
    history = history_of(orders=ORDERS, customers=people)
    assert history_before(history, instant("2024-03-01")).customer_ids.tolist() == ["a", "b", "z"]


def test_a_label_written_after_the_cut_off_is_not_known_before_it() -> None:
    rows = [
        {"customer_id": who, "as_of": day, "income": 1.0, "left": left}
        for who, day, left in (("a", "2024-01-01", 0.0), ("b", "2024-01-01", 0.0), ("b", "2024-05-01", 1.0))
    ] + [{"customer_id": "c", "as_of": "2024-05-01", "income": 2.0, "left": 1.0}]
    known = history_before(history_of(attributes=rows, labels=["left"]), instant("2024-03-01"))
    assert known.customer_ids.tolist() == ["a", "b"]
    np.testing.assert_array_equal(known.labels["left"], [0.0, np.nan])
