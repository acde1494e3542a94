"""The least of a loss: found to the digits that are kept, whatever the last bits of the sums."""

import doctest

import numpy as np
import pytest

import models.compute.minimisation
from models.btyd.bg_nbd import fit_bg_nbd
from models.btyd.gamma_gamma import fit_gamma_gamma
from models.compute.minimisation import Loss, least, rounded
from models.score.score_calibration import fit_platt
from tests.builders.narrowing import present

FREE = (-np.inf, np.inf)


def valley(at: np.ndarray) -> tuple[float, np.ndarray]:
    """Rosenbrock's, whose least lies at (1, 1) in a narrow bent valley; with its slopes."""
    x, y = at
    value = (1 - x) ** 2 + 100 * (y - x * x) ** 2
    return value, np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


def shaken(loss: Loss, seed: int) -> Loss:
    """The loss as another machine might add it up: other last bits."""
    random = np.random.default_rng(seed)

    def on_another_machine(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = loss(at)
        return value * (1 + 4e-16 * random.normal()), slopes + 4e-16 * random.normal(size=len(slopes))

    return on_another_machine


def test_a_least_is_found_to_many_more_digits_than_are_kept() -> None:
    found = least(valley, [-1.2, 1.0], [FREE, FREE])
    assert found.converged
    assert found.parameters == pytest.approx([1.0, 1.0], abs=1e-12)


def test_where_a_bound_is_in_the_way_it_is_met_exactly() -> None:
    found = least(valley, [-1.2, 1.0], [(-2.0, 0.5), FREE])
    assert found.converged
    assert found.parameters[0] == 0.5
    assert found.parameters[1] == pytest.approx(0.25, abs=1e-12)


def test_a_loss_that_falls_for_ever_has_no_least() -> None:
    assert not least(lambda at: (-at[0], np.array([-1.0])), [0.0], [FREE]).converged


@pytest.mark.slow
def test_on_another_machine_the_least_is_the_same() -> None:
    def flat(at: np.ndarray) -> tuple[float, np.ndarray]:
        """A ridge along which hardly anything changes: a thousand million times flatter than across it."""
        along, across = at[0] + at[1] - 3.0, at[0] - at[1]
        value = 5.0 + across**2 + 1e-9 * along**2
        return value, np.array([2 * across + 2e-9 * along, -2 * across + 2e-9 * along])

    for loss in (valley, flat):
        found = [least(shaken(loss, seed), [0.3, -0.4], [(-9.0, 9.0)] * 2) for seed in range(20)]
        assert all(optimum.converged for optimum in found)
        assert np.ptp([one.parameters for one in found], axis=0) == pytest.approx(0.0, abs=3e-6)


@pytest.mark.slow
def test_no_fit_hangs_on_the_order_in_which_customers_are_added_up() -> None:
    # Amounts that differ as much within customers as between them: Gamma-Gamma's likelihood is nearly flat, and its
    # search ended in a failure on some machines and not on others.
    random = np.random.default_rng(0)
    n = 1.0 + random.poisson(3, 250).astype(np.float64)
    mean, T = random.gamma(2 * n, 20 / n), random.uniform(20, 60, 250)
    t_x = np.where(n > 1, T * random.random(250), 0.0)
    fits = []
    for _ in range(10):
        order = random.permutation(250)
        rhythm = fit_bg_nbd(n[order] - 1, t_x[order], T[order])
        value = present(fit_gamma_gamma(n[order], mean[order]))
        fits.append((rhythm.r, rhythm.alpha, rhythm.a, rhythm.b, rhythm.converged, value.p, value.converged))
    assert len(set(fits)) == 1
    assert all(number == rounded(number) for number in fits[0])


def test_platt_scaling_is_the_same_whatever_the_order_of_the_rows() -> None:
    random = np.random.default_rng(1)
    margins = random.normal(size=2000)
    outcomes = (random.random(2000) < 1 / (1 + np.exp(-0.7 * margins + 0.2))).astype(float)
    orders = [random.permutation(2000) for _ in range(10)]
    fits = [fit_platt(margins[order], outcomes[order]) for order in orders]
    assert np.ptp([[fit.slope, fit.intercept] for fit in fits], axis=0) == pytest.approx(0.0, abs=1e-12)


def test_the_examples_are_true() -> None:
    assert doctest.testmod(models.compute.minimisation).failed == 0
