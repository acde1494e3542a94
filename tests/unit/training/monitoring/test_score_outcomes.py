"""What came, beside what was predicted: figures by slow counting, findings where they are due and only there."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from models.score.intervals import IntervalTable
from models.score.percentile_and_band import BANDS
from models.score.score_model import ScoreModel
from tests.builders.narrowing import present
from tests.builders.tiny_models import tiny_churn, tiny_clv_baseline
from training.monitoring.outcome_findings import band_findings, material, outcome_findings
from training.monitoring.score_outcomes import Predictions, ScoreOutcomes, band_outcomes, judge_outcomes


def judged(model: ScoreModel, scores: np.ndarray, came: np.ndarray, places: np.ndarray | None = None) -> ScoreOutcomes:
    return judge_outcomes(model, Predictions(scores, places), came, predicted_at=0, matures_at=90, seed=1)


def churn_case(
    seed: int, customers: int = 2000, tilt: float = 0.0, promised: float = 0.75, judged_days: int | None = None
) -> tuple[ScoreOutcomes, np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities in three bands, and outcomes that follow them, or log-odds `tilt` further."""
    random = np.random.default_rng(seed)
    p = random.beta(2, 3, customers)
    places = np.where(p > 0.65, 0, np.where(p > 0.45, 1, 2))
    odds = p / (1 - p) * np.exp(tilt)
    came = (random.random(customers) < odds / (1 + odds)).astype(float)
    model = replace(tiny_churn(), metrics={"auc": promised, "auc_low": promised - 0.02, "auc_high": promised + 0.02})
    model = replace(model, judged_days=judged_days)
    return judged(model, p, came, places), p, places, came


def codes(outcomes: ScoreOutcomes) -> set[str]:
    return {finding.code for finding in outcome_findings(outcomes)}


def test_each_bands_figures_are_those_counted_one_by_one_with_wilsons_interval() -> None:
    found, p, places, came = churn_case(3)
    for place, band in enumerate(BANDS):
        (told,) = [of for of in found.bands if of.band == band]
        held = [row for row in range(len(p)) if places[row] == place]
        n, k = len(held), sum(came[row] for row in held)
        z = norm.ppf(0.975)
        centre, half = (k + z * z / 2) / (n + z * z), z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
        assert told.customers == n
        assert told.expected == pytest.approx(sum(p[row] for row in held) / n)
        assert (told.realised, told.low, told.high) == pytest.approx((k / n, centre - half, centre + half))
    assert found.figures["auc"].value == pytest.approx(roc_auc_score(came, p))
    assert found.totals == pytest.approx((p.sum(), came.sum()))
    assert sum(row.rows for row in found.deciles) == 2000


def test_outcomes_that_follow_their_probabilities_hardly_ever_raise_an_alarm() -> None:
    assert not any(codes(churn_case(seed, 400)[0]) for seed in range(4))
    random = np.random.default_rng(0)
    alarms = 0
    for _ in range(150):
        p = random.beta(2, 3, 300)
        places = np.digitize(-p, [-0.65, -0.45])
        bands = band_outcomes(p, places, (random.random(300) < p).astype(float))
        alarms += any(band_findings(ScoreOutcomes("churn", "churn", "judged", bands=bands)))
    assert alarms <= 2


@pytest.mark.parametrize(("tilt", "code"), [(0.3, "W710"), (0.7, "E710"), (-0.7, "E710")])
def test_outcomes_that_come_more_or_less_often_than_predicted_are_told_by_band(tilt: float, code: str | None) -> None:
    found = churn_case(1, 2500, tilt)[0]
    (told,) = [finding for finding in outcome_findings(found) if finding.code[1:] == "710"]
    assert told.code == code
    assert told.subject == "churn"
    assert "were expected" in told.what


@pytest.mark.parametrize(("customers", "came", "told"), [(40, 28, 0), (4000, 2800, 1), (200_000, 106_000, 0)])
def test_a_gap_is_told_only_if_it_is_both_certain_and_large(customers: int, came: int, told: int) -> None:
    outcomes = (np.arange(customers) < came).astype(float)
    bands = band_outcomes(np.full(customers, 0.5), np.zeros(customers, dtype=np.intp), outcomes)
    assert (bands[0].p < 0.001) == (customers > 40)
    assert sum(1 for _ in band_findings(ScoreOutcomes("churn", "churn", "judged", bands=bands))) == told


def test_what_matters_shrinks_with_what_is_rare_on_either_side() -> None:
    assert [material(p) for p in (0.5, 0.2, 0.1, 0.9, 0.001)] == pytest.approx([0.05, 0.05, 0.025, 0.025, 0.01])


@pytest.mark.parametrize(("promised", "code"), [(0.75, None), (0.80, "W712"), (0.92, "E712")])
def test_an_order_that_is_worse_than_promised_is_told(promised: float, code: str | None) -> None:
    found = churn_case(2, 2500, promised=promised)[0]
    auc = found.figures["auc"].value
    assert 0.70 < auc < 0.77
    assert codes(found) == ({code} if code else set())


def test_nothing_is_promised_of_a_horizon_that_the_score_was_scaled_to() -> None:
    horizon = present(tiny_churn().horizon_days)
    assert codes(churn_case(2, 2500, promised=0.92, judged_days=horizon)[0]) == {"E712"}
    scaled = churn_case(2, 2500, promised=0.92, judged_days=horizon - 30)[0]
    assert (scaled.promised, codes(scaled)) == ({}, set())


def test_too_few_customers_are_not_judged_and_unknown_outcomes_do_not_count() -> None:
    scores = np.full(100, 0.3)
    came = np.where(np.arange(100) < 20, 1.0, np.nan)
    found = judged(tiny_churn(), scores, came, np.zeros(100, dtype=np.intp))
    assert (found.standing, found.customers) == ("too few", 20)
    assert codes(found) == set()


def clv_case(
    seed: int, factor: float = 1.0, spread: float = 0.4, customers: int = 1500
) -> tuple[ScoreOutcomes, np.ndarray, np.ndarray, tuple[float, float]]:
    """Amounts in log-normal error around their predictions; the 80 % intervals fit a spread of 0.4."""
    random = np.random.default_rng(seed)
    predicted = random.lognormal(4, 1, customers)
    came = predicted * factor * np.exp(random.normal(-(spread**2) / 2, spread, customers))
    low, high = np.exp(norm.ppf([0.1, 0.9]) * 0.4 - 0.08)
    interval = IntervalTable(0.8, (), (float(low),), (float(high),))
    model = replace(tiny_clv_baseline(), interval=interval)
    return judged(model, predicted, came), predicted, came, (low, high)


def test_coverage_is_counted_over_all_and_over_the_highest_tenth() -> None:
    found, predicted, came, (low, high) = clv_case(1)
    inside = [low * p <= y <= high * p for p, y in zip(predicted, came, strict=True)]
    highest = sorted(range(1500), key=lambda row: -predicted[row])[:150]
    assert found.figures["coverage"].value == pytest.approx(np.mean(inside))
    assert found.figures["coverage_top"].value == pytest.approx(np.mean([inside[row] for row in highest]))
    assert found.bands == ()
    assert codes(found) == set()


def test_amounts_as_predicted_are_nothing_to_complain_about_whatever_the_draw() -> None:
    assert sum(bool(codes(clv_case(seed, customers=400)[0])) for seed in range(4)) == 0


@pytest.mark.parametrize(
    ("factor", "code", "side"), [(0.8, "W711", "high"), (0.4, "E711", "high"), (2.5, "E711", "low")]
)
def test_a_total_that_is_far_off_is_told_with_its_side(factor: float, code: str | None, side: str) -> None:
    told = {finding.code: finding for finding in outcome_findings(clv_case(1, factor)[0])}
    assert code in told
    assert told[code].what.endswith(f"too {side}")


def test_a_total_of_nothing_is_told_though_no_share_of_it_exists() -> None:
    model = replace(tiny_clv_baseline(), interval=None)
    assert "E711" in codes(judged(model, np.full(200, 50.0), np.zeros(200)))
    assert codes(judged(model, np.zeros(200), np.zeros(200))) == set()


@pytest.mark.parametrize(("spread", "code"), [(0.5, "W713"), (0.8, "E713")])
def test_intervals_that_hold_too_little_are_told(spread: float, code: str | None) -> None:
    assert code in codes(clv_case(1, spread=spread)[0])
