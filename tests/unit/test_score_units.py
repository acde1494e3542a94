"""Contributions in the score's own unit: exact before rounding, and still adding up after it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit

from models.calibration import Calibration, Link
from models.score_units import in_score_units, shown, strongest

DERIVATIVE = {"logistic": lambda m: expit(m) * (1 - expit(m)), "exp": np.exp, "identity": np.ones_like}


@pytest.mark.parametrize("link", ["logistic", "exp", "identity"])
def test_contributions_equal_the_aumann_shapley_integral_along_the_line(link: Link) -> None:
    random = np.random.default_rng(1)
    contributions = random.normal(size=(20, 4))
    base, calibration = -0.7, Calibration(slope=0.8, intercept=0.1, level=0.3)
    found = in_score_units(link, calibration, base, base + contributions.sum(axis=1), contributions)
    for row in range(20):
        distance = contributions[row].sum()

        def slope_at(t: float, distance: float = distance) -> float:
            return float(DERIVATIVE[link](calibration.apply(base + t * distance)) * calibration.slope)

        integral = quad(slope_at, 0, 1)[0]
        np.testing.assert_allclose(found.contributions[row], contributions[row] * integral, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("link", ["logistic", "exp", "identity"])
@given(margins=st.lists(st.floats(-12, 12), min_size=1, max_size=6), slope=st.floats(0.1, 3), level=st.floats(-2, 2))
def test_base_plus_contributions_is_the_score(link: Link, margins: list[float], slope: float, level: float) -> None:
    contributions = np.array([margins])
    base = 0.25
    found = in_score_units(link, Calibration(slope, 0.0, level), base, base + contributions.sum(axis=1), contributions)
    total = found.base + found.contributions.sum(axis=1)
    np.testing.assert_allclose(total, found.scores, rtol=1e-9, atol=1e-9)


def test_a_customer_at_the_base_margin_gets_finite_contributions() -> None:
    contributions = np.array([[2.0, -2.0], [0.0, 0.0]])
    found = in_score_units("logistic", Calibration(), 0.0, np.zeros(2), contributions)
    np.testing.assert_allclose(found.contributions, [[0.5, -0.5], [0.0, 0.0]])


@given(
    parts=st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=8),
    base=st.floats(0, 1),
    scale=st.sampled_from([100, 1_000, 1_000_000]),
)
def test_what_is_shown_adds_up_to_the_unit(parts: list[float], base: float, scale: int) -> None:
    exact = np.array([parts])
    units, whole_base, whole = shown(base + exact.sum(axis=1), base, exact, scale)
    assert units[0] == whole_base + whole[0].sum()
    assert np.all(np.abs(whole[0, :-1] - exact[0, :-1] * scale) < 1 + 1e-6)
    assert abs(whole[0, -1] - exact[0, -1] * scale) <= 2 + 1e-6


def test_one_row_is_rounded_as_it_is_among_many() -> None:
    random = np.random.default_rng(3)
    parts = random.normal(scale=0.1, size=(500, 6))
    scores = 0.4 + parts.sum(axis=1)
    units, base, whole = shown(scores, 0.4, parts, 1_000_000)
    for row in range(500):
        one = shown(scores[row : row + 1], 0.4, parts[row : row + 1], 1_000_000)
        assert (one[0][0], one[1]) == (units[row], base)
        np.testing.assert_array_equal(one[2][0], whole[row])


def test_the_strongest_contributions_come_first_and_ties_by_column() -> None:
    np.testing.assert_array_equal(strongest(np.array([[0.1, -0.5, 0.5, 0.0]]), 3), [[1, 2, 0]])
