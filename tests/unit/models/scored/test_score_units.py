"""Contributions in the score's own unit: exact before rounding, adding up after it, and as numpy would have it."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit

from models.rows.history import Floats
from models.score.link_function import Link
from models.score.score_calibration import Calibration, unlink
from models.scored.score_units import Explained, explained_units, in_score_units, units_of_parts

LINK_NAMES: tuple[Link, ...] = ("logistic", "exp", "identity")
DERIVATIVE: dict[Link, Callable[[Floats], Floats]] = {
    "logistic": lambda m: expit(m) * (1 - expit(m)),
    "exp": np.exp,
    "identity": np.ones_like,
}
SCORE: dict[Link, Callable[[Floats], Floats]] = {
    "logistic": lambda m: 1 / (1 + np.exp(-m)),
    "exp": np.exp,
    "identity": lambda m: m,
}


@pytest.mark.parametrize("link", LINK_NAMES)
def test_contributions_equal_the_aumann_shapley_integral_along_the_line(link: Link) -> None:
    random = np.random.default_rng(1)
    contributions = random.normal(size=(20, 4))
    base, calibration = -0.7, Calibration(slope=0.8, intercept=0.1, level=0.3)
    found = in_score_units(link, calibration, base, base + contributions.sum(axis=1), contributions)
    for row in range(20):
        distance = contributions[row].sum()

        def slope_at(t: float, distance: float = distance) -> float:
            margin = calibration.apply(np.array([base + t * distance]))
            return float(DERIVATIVE[link](margin)[0] * calibration.slope)

        integral = quad(slope_at, 0, 1)[0]
        np.testing.assert_allclose(found[row], contributions[row] * integral, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("link", LINK_NAMES)
@given(margins=st.lists(st.floats(-12, 12), min_size=1, max_size=6), slope=st.floats(0.1, 3), level=st.floats(-2, 2))
def test_base_plus_contributions_is_the_score(link: Link, margins: list[float], slope: float, level: float) -> None:
    contributions, base, calibration = np.array([margins]), 0.25, Calibration(slope, 0.0, level)
    total = base + contributions.sum(axis=1)
    parts = in_score_units(link, calibration, base, total, contributions)
    ends = unlink(link, calibration.apply(np.array([base, total[0]])))
    np.testing.assert_allclose(ends[0] + parts.sum(axis=1), ends[1:], rtol=1e-9, atol=1e-9)


def test_a_customer_at_the_base_margin_gets_finite_contributions() -> None:
    contributions = np.array([[2.0, -2.0], [0.0, 0.0]])
    found = in_score_units("logistic", Calibration(), 0.0, np.zeros(2), contributions)
    np.testing.assert_allclose(found, [[0.5, -0.5], [0.0, 0.0]])


def by_numpy(
    link: Link, calibration: Calibration, base: float, margins: np.ndarray, phi: np.ndarray, count: int, scale: int
) -> tuple[np.ndarray, ...]:
    """Units, strongest columns, their units and the rest: whole columns at a time, with argsort."""
    score_of = SCORE[link]
    start, ends = calibration.apply(np.array([base])), calibration.apply(margins)
    scores, distance = score_of(ends), ends - start
    near = np.abs(distance) < 1e-6
    middle = DERIVATIVE[link](start + distance / 2)
    rate = np.where(near, middle, (scores - score_of(start)) / np.where(near, 1.0, distance)) * calibration.slope
    parts = phi * rate[:, None]
    columns = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :count]
    chosen = np.take_along_axis(parts, columns, axis=1)
    rest = (scores - score_of(start) - sum(chosen.T, np.zeros(len(phi))))[:, None]
    units, base_units = np.rint(scores * scale).astype(np.int64), np.rint(score_of(start) * scale).astype(np.int64)
    exact = np.hstack([chosen, rest]) * scale
    whole = np.floor(exact).astype(np.int64)
    missing = units - base_units - whole.sum(axis=1)
    order = np.argsort(np.floor(exact) - exact, axis=1, kind="stable")
    for row, places in enumerate(order):
        whole[row, places[: max(missing[row], 0)]] += 1
    whole[:, -1] += units - base_units - whole.sum(axis=1)
    return units, columns, whole[:, :-1], whole[:, -1]


def explained(link: Link, margins: np.ndarray, phi: np.ndarray, count: int, scale: int, base: float = 0.3) -> Explained:
    return explained_units(link, CALIBRATION, base, margins, phi, count=count, scale=scale)


CALIBRATION = Calibration(0.9, 0.1, -0.2)
phis = st.one_of(st.sampled_from([0.0, -0.0, 0.5, -0.5, 1.0, 1e-9, -1e-13]), st.floats(-3, 3))


@settings(max_examples=150)
@given(
    link=st.sampled_from(LINK_NAMES),
    phi=st.lists(st.lists(phis, min_size=5, max_size=5), min_size=1, max_size=6),
    count=st.integers(0, 7),
    scale=st.sampled_from([1, 100, 1_000_000]),
    factor=st.sampled_from([1.0, 1.0, 4.0]),
)
def test_units_and_reasons_are_those_of_whole_columns(
    link: Link, phi: list[list[float]], count: int, scale: int, factor: float
) -> None:
    matrix = np.array(phi) * factor
    margins = 0.3 + matrix.sum(axis=1)
    found = explained(link, margins, matrix, count, scale)
    units, columns, parts, rest = by_numpy(link, CALIBRATION, 0.3, margins, matrix, count, scale)
    np.testing.assert_array_equal(found.reasons, columns)
    # An exponential that differs in its last bit may round to the next unit.
    for ours, theirs in ((found.units, units), (found.reason_units, parts), (found.other_units, rest)):
        assert np.abs(ours - theirs).max(initial=0) <= (0 if link == "identity" else 1)
    whole_base = units_of_base(link, scale)
    np.testing.assert_array_equal(found.units, whole_base + found.reason_units.sum(axis=1) + found.other_units)


def units_of_base(link: Link, scale: int) -> int:
    return int(np.rint(unlink(link, CALIBRATION.apply(np.array([0.3])))[0] * scale))


def test_huge_amounts_and_probabilities_at_their_ends_add_up_too() -> None:
    phi = np.array([[30.0, -2.0, 0.0], [-800.0, 1.0, 0.0], [12.0, 12.0, -0.0]])
    scales: tuple[tuple[Link, int], ...] = (("exp", 100), ("logistic", 1_000_000))
    for link, scale in scales:
        found = explained(link, 0.3 + phi.sum(axis=1), phi, 2, scale)
        assert (
            found.units.tolist()
            == (found.reason_units.sum(axis=1) + found.other_units + units_of_base(link, scale)).tolist()
        )
        assert found.reasons.tolist() == [[0, 1], [0, 1], [0, 1]]


@given(
    parts=st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=8),
    base=st.floats(0, 1),
    scale=st.sampled_from([100, 1_000, 1_000_000]),
)
def test_parts_are_rounded_to_add_up_to_the_unit(parts: list[float], base: float, scale: int) -> None:
    exact = np.array([parts])
    score = base + exact.sum(axis=1)
    whole = units_of_parts(score, base, exact, scale)
    assert np.rint(score[0] * scale) == np.rint(base * scale) + whole[0].sum()
    assert np.all(np.abs(whole[0, :-1] - exact[0, :-1] * scale) < 1 + 1e-6)
    assert abs(whole[0, -1] - exact[0, -1] * scale) <= 2 + 1e-6


@pytest.mark.parametrize("link", LINK_NAMES)
def test_a_row_alone_gives_the_bits_that_it_gives_among_many(link: Link) -> None:
    phi = np.random.default_rng(3).normal(size=(2_000, 6))
    margins = 0.3 + phi.sum(axis=1)
    together = explained(link, margins, phi, 4, 1_000_000)
    for row in range(0, 2_000, 7):
        alone = explained(link, margins[row : row + 1], phi[row : row + 1], 4, 1_000_000)
        for one, many in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[0], many[row])


def test_the_strongest_contributions_come_first_and_ties_by_column() -> None:
    phi = np.array([[0.1, -0.5, 0.5, 0.0]])
    assert explained("identity", np.array([0.4]), phi, 3, 100).reasons.tolist() == [[1, 2, 0]]
