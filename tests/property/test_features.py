"""What holds of every declared feature, whatever the rows."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from models.features.catalogue import BUILT_IN, every_feature
from models.features.evaluation.evaluation_plan import BLOCK
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import FeatureFrame, learn_vocabularies
from models.rows.as_of import AsOf
from models.rows.history import Category, History, take
from tests.builders.histories import history_of, instant
from tests.builders.narrowing import numbers
from tests.builders.random_tables import DAYS, START, random_tables

AS_OFS = [START + timedelta(days=days) for days in (0, 31, 90, 365, 599, 700)]
AT = {"orders": "ordered_at", "interactions": "at", "subscriptions": "started_at", "attributes": "as_of"}


def frame_of(history: History, as_of: datetime) -> FeatureFrame:
    return assemble(every_feature(history), AsOf(history, instant(as_of)))


def assert_same(found: FeatureFrame, wanted: FeatureFrame) -> None:
    assert list(found.columns) == list(wanted.columns)
    for name, column in wanted.columns.items():
        other = found.columns[name]
        if isinstance(column, Category):
            assert isinstance(other, Category), name
            assert other.words() == column.words(), name
        else:
            assert numbers(other).tobytes() == column.tobytes(), name


@pytest.mark.parametrize("seed", range(3))
def test_one_customer_has_the_bits_that_everyone_has(seed: int) -> None:
    history = history_of(**random_tables(seed))
    for as_of in AS_OFS:
        everyone = frame_of(history, as_of)
        vocabularies, names = learn_vocabularies(everyone), list(everyone.columns)
        matrix = everyone.matrix(names, vocabularies)
        for row in range(len(history)):
            alone = frame_of(history.select([row]), as_of).matrix(names, vocabularies)
            assert alone.tobytes() == matrix[row].tobytes()


def test_blocks_of_customers_have_the_bits_that_everyone_has() -> None:
    history = history_of(**random_tables(4))
    everyone = frame_of(history, AS_OFS[3])
    vocabularies, names = learn_vocabularies(everyone), list(everyone.columns)
    blocks = [
        frame_of(history.select(range(at, at + 8)), AS_OFS[3]).matrix(names, vocabularies) for at in range(0, 40, 8)
    ]
    assert np.concatenate(blocks).tobytes() == everyone.matrix(names, vocabularies).tobytes()


def test_more_customers_than_a_block_holds_and_more_threads_than_one_give_the_same_bits() -> None:
    few = history_of(**random_tables(5))
    times = 2 * BLOCK // len(few) + 1
    places = np.tile(np.arange(len(few)), times)
    many = History(
        customer_ids=np.array([f"c{place:06}" for place in range(len(places))], dtype=object),
        tables={name: rows.select(places) for name, rows in few.tables.items()},
        profile={name: take(column, places) for name, column in few.profile.items()},
    )
    wanted = frame_of(few, AS_OFS[3])
    names, vocabularies = list(wanted.columns), learn_vocabularies(wanted)
    for threads in (1, 2):
        frame = assemble(every_feature(many), AsOf(many, instant(AS_OFS[3])), threads)
        found = frame.matrix(names, vocabularies).reshape(times, len(few), -1)
        assert all(copy.tobytes() == wanted.matrix(names, vocabularies).tobytes() for copy in found)


@pytest.mark.parametrize("seed", range(3))
def test_rows_at_or_after_the_instant_change_nothing(seed: int) -> None:
    tables = random_tables(seed)
    strangers = random_tables(seed + 100)
    for as_of in AS_OFS[1:]:
        known, changed = dict(tables), dict(tables)
        for table, column in AT.items():
            before = [row for row in tables[table] if row[column] is None or row[column] < as_of]
            later = [row for row in strangers[table] if row[column] is not None and row[column] >= as_of]
            on_it = [row | {column: as_of} for row in later[:40]]
            if table == "orders":
                on_it += [row | {"ordered_at": as_of, "line_id": "x", "amount": -1e6} for row in before]
            known[table], changed[table] = before, before + later + on_it
        changed["subscriptions"] = [
            row | {"ended_at": None if row["ended_at"] is None or row["ended_at"] >= as_of else row["ended_at"]}
            for row in changed["subscriptions"]
        ]
        wanted, found = frame_of(history_of(**known), as_of), frame_of(history_of(**changed), as_of)
        assert_same(found, wanted)


def test_the_mutation_would_be_seen_one_microsecond_later() -> None:
    tables = random_tables(0)
    as_of = START + timedelta(days=300)
    of_numbers = [feature.name for feature in BUILT_IN if feature.kind == "number"]
    base = frame_of(history_of(**tables), as_of)
    more = random_tables(100)
    for table, column in AT.items():
        more[table] = tables[table] + [row | {column: as_of} for row in more[table]]
    more["customers"] = tables["customers"]
    after = frame_of(history_of(**more), as_of + timedelta(microseconds=1))
    unmoved = [
        name
        for name in of_numbers
        if np.allclose(numbers(base.facts(name)), numbers(after.facts(name)), 1e-6, 1e-6, equal_nan=True)
    ]
    assert unmoved == ["tenure_days", "age"]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_input_changes_nothing(seed: int) -> None:
    tables = random_tables(seed)
    random = np.random.default_rng(seed)
    shuffled: dict[str, Any] = {name: [rows[i] for i in random.permutation(len(rows))] for name, rows in tables.items()}
    as_of = START + timedelta(days=DAYS)
    assert_same(frame_of(history_of(**shuffled), as_of), frame_of(history_of(**tables), as_of))


@pytest.mark.parametrize("seed", range(3))
def test_no_feature_is_ever_infinite(seed: int) -> None:
    for as_of in AS_OFS:
        frame = frame_of(history_of(**random_tables(seed)), as_of)
        for name, column in frame.columns.items():
            assert isinstance(column, Category) or not np.isinf(column).any(), name


def test_empty_tables_give_rows_of_nothing() -> None:
    tables = random_tables(0)
    first = {name: rows[:1] for name, rows in tables.items()}
    history = history_of(**first)
    frame = frame_of(history, START - timedelta(days=1))
    assert numbers(frame.facts("orders_all")).tolist() == [0.0] * len(history)
    nobody = frame_of(history.select([]), AS_OFS[0])
    assert nobody.matrix(list(nobody.columns), learn_vocabularies(nobody)).shape == (0, len(nobody.columns))


def test_a_table_that_is_absent_holds_nothing() -> None:
    history = history_of(**random_tables(0))
    bare = History(history.customer_ids, {})
    frame = assemble(every_feature(history), AsOf(bare, instant(AS_OFS[3])))
    assert set(numbers(frame.facts("orders_365d")).tolist()) == {0.0}
    assert np.isnan(numbers(frame.facts("days_since_last_order"))).all()
    assert np.isnan(numbers(frame.facts("age"))).all()
    plan = frame.facts("plan")
    assert isinstance(plan, Category)
    assert set(plan.words()) == {None}
