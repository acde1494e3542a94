"""Choices between models: the simpler one, unless another gains more than a standard error."""

import numpy as np
import pytest

from training.learning.row_losses import simplest, standard_error


def test_the_standard_error_of_single_rows_is_the_textbooks() -> None:
    gap = np.random.default_rng(0).normal(size=400)
    assert standard_error([gap], [np.arange(400)]) == pytest.approx(gap.std(ddof=1) / 20)


def test_a_customers_rows_count_as_one_observation() -> None:
    gap = np.random.default_rng(1).normal(size=100)
    once = standard_error([gap], [np.arange(100)])
    assert standard_error([np.tile(gap, 9)], [np.tile(np.arange(100), 9)]) == pytest.approx(once)


def test_what_gains_less_than_an_error_is_not_chosen_and_what_gains_more_is() -> None:
    random = np.random.default_rng(2)
    simple, noise, owner = random.gamma(1, 1, 500), random.normal(size=500), np.arange(500)
    noise = (noise - noise.mean()) / noise.std(ddof=1)  # its standard error over 500 rows is 0.0447
    assert simplest([simple, simple + noise - 0.9 / 500**0.5], owner) == 0
    assert simplest([simple, simple + noise - 1.1 / 500**0.5], owner) == 1
    assert simplest([simple, simple + 0.01, simple - 0.01], owner) == 2


def test_of_models_that_differ_in_their_last_bits_alone_the_simplest_is_chosen() -> None:
    losses = np.random.default_rng(3).gamma(1, 1, 300)
    for seed in range(50):
        random = np.random.default_rng(seed)
        found = [losses * (1 + 2e-16 * random.integers(-4, 5, 300)) for _ in range(9)]
        assert simplest(found, np.arange(300)) == 0
