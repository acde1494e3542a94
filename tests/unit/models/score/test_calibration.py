"""Platt scaling and level against scikit-learn and against what they promise."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.score.link_function import Link
from models.score.score_calibration import MAX_SHIFT, Calibration, fit_level, fit_platt, unlink


def test_platt_scaling_agrees_with_an_unpenalised_logistic_regression() -> None:
    random = np.random.default_rng(0)
    margins = random.normal(size=20_000)
    outcomes = (random.random(20_000) < expit(0.6 * margins - 0.9)).astype(float)
    ours = fit_platt(margins, outcomes)
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(margins[:, None], outcomes)
    assert ours.slope == pytest.approx(theirs.coef_[0, 0], abs=2e-3)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=2e-3)


def test_platt_scaling_never_reverses_a_ranking() -> None:
    margins = np.linspace(-2, 2, 400)
    assert fit_platt(margins, (margins < 0).astype(float)).slope > 0


@pytest.mark.parametrize("link", ["logistic", "exp"])
def test_the_level_makes_the_mean_prediction_the_mean_outcome(link: Link) -> None:
    random = np.random.default_rng(0)
    margins = random.normal(size=3_000)
    outcomes = random.random(3_000) if link == "logistic" else random.gamma(2.0, 10.0, 3_000)
    shifted = margins + fit_level(link, margins, outcomes)
    assert unlink(link, shifted).mean() == pytest.approx(outcomes.mean(), rel=1e-9)


def test_the_level_of_an_all_or_nothing_snapshot_is_bounded() -> None:
    assert fit_level("exp", np.zeros(10), np.zeros(10)) == -MAX_SHIFT
    assert -MAX_SHIFT <= fit_level("logistic", np.zeros(10), np.zeros(10)) < 0
    assert fit_level("logistic", np.empty(0), np.empty(0)) == 0.0


def test_calibration_is_a_line_on_the_margin() -> None:
    np.testing.assert_allclose(Calibration(2.0, 0.5, -1.0).apply(np.array([0.0, 1.0])), [-0.5, 1.5])


@pytest.mark.parametrize("link", ["logistic", "exp", "identity"])
def test_one_margin_gives_the_bits_that_it_gives_among_many(link: Link) -> None:
    margins = np.random.default_rng(2).normal(scale=3, size=1_003)
    many = unlink(link, margins)
    assert all(unlink(link, margins[i : i + 1])[0] == many[i] for i in range(len(margins)))
