import numpy as np

from models.rows.history import History
from tests.builders.histories import history_of
from training.windows.population import Population, sampled


def everyone(customers: int, prefix: str = "") -> History:
    orders = [
        {"customer_id": f"{prefix}{i}", "order_id": i, "ordered_at": "2025-01-01", "amount": 5.0}
        for i in range(customers)
    ]
    return history_of(orders=orders)


def test_of_more_customers_about_as_many_are_learnt_from_as_are_asked_for_each_with_all_their_rows() -> None:
    history = everyone(5000)
    chosen = sampled(history, 1000, seed=20)
    assert abs(len(chosen) - 1000) < 120
    assert len(chosen.tables["orders"].at) == len(chosen)
    assert set(chosen.customer_ids) < set(history.customer_ids)
    assert Population(chosen, (), drawn_from=5000).knowing(()).sampled == len(chosen) / 5000


def test_who_is_chosen_depends_on_the_id_and_the_seed_alone() -> None:
    history = everyone(4000)
    one, again, other = (sampled(history, 1000, seed).customer_ids.tolist() for seed in (1, 1, 2))
    assert one == again != other
    half = history.select(np.arange(2000))
    assert set(sampled(half, 500, 1).customer_ids) == {name for name in one if half.position(name) is not None}


def test_of_no_more_customers_all_are_learnt_from() -> None:
    history = everyone(500)
    assert sampled(history, 500, seed=1) is history
