"""Expectations by rhythm as features: against a slow loop over a customer's own rows, and never from later ones."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.btyd.bg_nbd import BgNbd
from models.btyd.gamma_gamma import GammaGamma
from models.errors import FeatureError
from models.features.evaluation.feature_frame import assemble
from models.features.families.expected_purchases import PurchaseRhythm
from models.features.language.specification import declaration_hash, document_of, feature_of, is_fitted
from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY
from tests.builders.histories import history_of, instant
from tests.builders.narrowing import numbers, present
from training.windows.history_before import history_before
from training.windows.purchase_rhythm import fit_rhythm

START, DAY = instant("2024-01-01"), MICROSECONDS_PER_DAY
BG = BgNbd(0.6, 8.0, 0.5, 3.0, converged=True, log_likelihood=-1.0)
GG = GammaGamma(2.5, 3.5, 40.0, converged=True, log_likelihood=-1.0)
RHYTHM = PurchaseRhythm(BG, GG)


def orders(customers: int = 300, days: int = 400, seed: int = 0) -> list[dict[str, Any]]:
    """Orders of customers with rates of their own, some on the same day, some returned."""
    random = np.random.default_rng(seed)
    rows: list[Any] = []
    for customer in range(customers):
        at, gap = random.uniform(0, days / 2), random.lognormal(3.3, 0.8)
        while at < days:
            for _ in range(random.integers(1, 3)):
                when = START + int((at + random.uniform(0, 0.4)) * DAY)
                amount = round(float(random.gamma(2, 20)) * (1 if random.random() < 0.9 else -1), 2)
                rows.append(
                    {"customer_id": f"{customer:03}", "order_id": len(rows), "ordered_at": when, "amount": amount}
                )
            at += random.exponential(gap) + 0.05
    return rows


def by_hand(rows: list[dict[str, Any]], customer: str, as_of: int) -> tuple[int, float, float, float] | None:
    """Purchase days, days since the first and the last purchase, and their total, one row at a time."""
    mine = [row for row in rows if row["customer_id"] == customer and row["ordered_at"] < as_of and row["amount"] > 0]
    if not mine:
        return None
    ago = [(as_of - row["ordered_at"]) / DAY for row in mine]
    return len({int(days) for days in ago}), max(ago), min(ago), sum(row["amount"] for row in mine)


def test_expectations_agree_with_a_slow_loop_over_the_rows() -> None:
    rows = orders(customers=60)
    history, as_of = history_of(orders=rows), START + 300 * DAY
    frame = assemble(RHYTHM.features(90), AsOf(history, as_of))
    known = 0
    for place, customer in enumerate(history.customer_ids):
        found = by_hand(rows, customer, as_of)
        values = {name.rsplit("_", 1)[0]: numbers(column)[place] for name, column in frame.columns.items()}
        if found is None:
            assert all(np.isnan(value) for value in values.values())
            continue
        known += 1
        n, first, last, total = found
        x, t_x, T = np.array([n - 1.0]), np.array([(first - last) / 7]), np.array([first / 7])
        purchases = BG.expected_purchases(x, t_x, T, 90 / 7)[0]
        assert values["expected_purchases"] == pytest.approx(purchases, rel=1e-9)
        assert values["no_purchase"] == pytest.approx(BG.no_purchase(x, t_x, T, 90 / 7)[0], rel=1e-9)
        worth = GG.expected_value(np.array([float(n)]), np.array([total / n]))[0]
        assert values["expected_spend"] == pytest.approx(purchases * worth, rel=1e-9)
    assert known > 40


def test_one_customer_alone_has_the_bits_that_they_have_among_all() -> None:
    history, as_of = history_of(orders=orders()), START + 300 * DAY
    together = assemble(RHYTHM.features(90), AsOf(history, as_of))
    for place in range(0, len(history), 17):
        alone = assemble(RHYTHM.features(90), AsOf(history.select([place]), as_of))
        for name, column in alone.columns.items():
            assert np.array_equal(numbers(column), numbers(together.columns[name])[[place]], equal_nan=True)


def test_a_fit_sees_no_row_from_its_cut_off_on() -> None:
    rows, cut_off = orders(), START + 250 * DAY
    later = [row | {"amount": 1e6} if row["ordered_at"] >= cut_off else row for row in rows]
    fits = [fit_rhythm(history_of(orders=each), cut_off) for each in (rows, later)]
    fits.append(fit_rhythm(history_before(history_of(orders=rows), cut_off), cut_off))
    assert fits[0] is not None
    assert fits[0] == fits[1] == fits[2]


def test_of_few_customers_and_of_a_business_without_orders_no_rhythm_is_learnt() -> None:
    assert fit_rhythm(history_of(orders=orders(customers=50)), START + 300 * DAY) is None
    subscriptions = [{"customer_id": "a", "started_at": START, "plan": "basic"}]
    assert fit_rhythm(history_of(subscriptions=subscriptions), START + DAY) is None


def test_without_any_repeat_purchase_no_rhythm_is_learnt() -> None:
    rows = [
        {"customer_id": f"{i}", "order_id": i, "ordered_at": START + i * DAY // 4, "amount": 10.0 + i}
        for i in range(400)
    ]
    assert fit_rhythm(history_of(orders=rows), START + 300 * DAY) is None


def test_margin_is_expected_where_value_means_margin() -> None:
    rows = [row | {"margin": round(0.3 * row["amount"], 2)} for row in orders()]
    rhythm = present(fit_rhythm(history_of(orders=rows), START + 300 * DAY, "margin"))
    revenue = present(fit_rhythm(history_of(orders=rows), START + 300 * DAY))
    assert rhythm.purchases == revenue.purchases
    view = AsOf(history_of(orders=rows), START + 300 * DAY)
    margin = assemble((present(rhythm.expected_worth(90)),), view).columns["expected_margin_90d"]
    spend = assemble((present(revenue.expected_worth(90)),), view).columns["expected_spend_90d"]
    assert np.nansum(numbers(margin)) == pytest.approx(0.3 * np.nansum(numbers(spend)), rel=0.02)


def test_a_declaration_takes_its_fitted_numbers_along() -> None:
    for feature in RHYTHM.features(90):
        assert is_fitted(feature)
        document = json.loads(json.dumps(document_of(feature), allow_nan=False))
        assert feature_of(document) == feature
    other = PurchaseRhythm(replace(BG, r=0.7), GG).silence(90)
    assert declaration_hash(other) != declaration_hash(RHYTHM.silence(90))
    with pytest.raises(FeatureError):
        feature_of(document_of(other) | {"value": {"is": "Expected", "what": "silence"}})
