"""Features and targets against the same in SQL, which shares no code with them."""

from datetime import timedelta

import numpy as np
import pytest

from models.as_of import AsOf
from models.features.assemble import assemble
from models.features.catalogue import BUILT_IN
from models.outcomes import Cancellation, FirstInCategory, Inactivity, NetValue, OrderOver, PlanUpgrade
from tests.feature_oracle import FEATURES, TARGETS, answer, oracle_of
from tests.histories import history_of, instant
from tests.random_tables import START, random_tables

NUMBERS = [feature for feature in BUILT_IN if feature.kind == "number"]


@pytest.mark.parametrize("seed", range(3))
def test_every_built_in_number_is_what_sql_says(seed):
    tables = random_tables(seed, customers=80)
    history, oracle = history_of(**tables), oracle_of(tables)
    for days in (1, 30, 91, 365, 500, 640, 2000):
        as_of = START + timedelta(days=days)
        frame = assemble(NUMBERS, AsOf(history, instant(as_of)))
        wanted = answer(oracle, FEATURES, as_of=as_of)
        assert wanted["customer_id"].tolist() == history.customer_ids.tolist()
        assert set(wanted.columns) == {"customer_id", *(feature.name for feature in NUMBERS)}
        for name, column in frame.columns.items():
            expected = wanted[name].to_numpy(dtype=np.float64, na_value=np.nan)
            np.testing.assert_allclose(column, expected, rtol=1e-9, atol=1e-9, err_msg=f"{name} {days}")


@pytest.mark.parametrize("seed", range(3))
def test_every_target_is_what_sql_says(seed):
    tables = random_tables(seed, customers=80)
    history, oracle = history_of(**tables), oracle_of(tables)
    bought = ("bought", lambda t: t["bought"])
    targets = {
        "inactivity": (Inactivity(), bought),
        "cancellation": (Cancellation(), ("has_plan", lambda t: t["has_plan"])),
        "revenue": (NetValue("amount"), bought),
        "order_over": (OrderOver(123.45), bought),
        "tea": (FirstInCategory("tea"), ("no tea", lambda t: t["bought"] & ~t["had_tea"])),
        "upgrade": (PlanUpgrade(3.0), ("can_rise", lambda t: t["can_rise"])),
    }
    for days, horizon in ((0, 30), (100, 90), (365, 60), (400, 365)):
        as_of, end = START + timedelta(days=days), START + timedelta(days=days + horizon)
        wanted = answer(oracle, TARGETS, as_of=as_of, end=end)
        for name, (outcome, (_, eligible)) in targets.items():
            found = outcome.eligible(AsOf(history, instant(as_of)))
            assert found.tolist() == eligible(wanted).tolist(), name
            came = outcome.came(history, instant(as_of), instant(end))
            np.testing.assert_allclose(came, wanted[name].to_numpy(dtype=np.float64), rtol=1e-12, err_msg=name)
