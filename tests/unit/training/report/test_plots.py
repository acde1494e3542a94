"""Plots of the report, whatever a workspace's columns are called."""

import numpy as np
import pytest

from training.report.plots import LONGEST_LABEL, beeswarm_plot, shortened

pytestmark = pytest.mark.slow


def test_a_label_of_three_hundred_characters_leaves_room_for_the_plot() -> None:
    contributions = np.random.default_rng(0).normal(size=(30, 3))
    png = beeswarm_plot(contributions, contributions[:, :-1], ["orders", "usage_of_" + "the_product_" * 25])
    assert png.startswith(b"\x89PNG")


def test_a_short_label_stays_and_a_long_one_says_that_it_goes_on() -> None:
    assert shortened("Days since last order") == "Days since last order"
    assert (len(shortened("x" * 300)), shortened("x" * 300)[-1]) == (LONGEST_LABEL, "…")
