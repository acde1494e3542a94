"""A grade in customers: what a weak score is worth can be read without knowing an AUC."""

from dataclasses import replace

import pytest

from models.score.reach_in_words import reach_in_words
from tests.builders.tiny_models import tiny_churn, tiny_clv_baseline


def said(lift: float, low: float, high: float, base_rate: float) -> str:
    metrics = {"lift_10": lift, "lift_10_low": low, "lift_10_high": high}
    return str(reach_in_words(replace(tiny_churn(), metrics=metrics, base_rate=base_rate)))


def test_a_weak_score_says_how_few_more_it_finds() -> None:
    assert said(1.2, 0.9, 1.5, 0.25) == (
        "of 100 customers from the tenth with the highest scores some 30 leave, of 100 picked by chance 25: "
        "1.2 times as many (0.9 to 1.5); the difference may be chance"
    )


@pytest.mark.parametrize(
    ("lift", "base_rate", "words"),
    [(5.0, 0.004, "of 1,000 customers"), (5.0, 0.004, "some 20 leave"), (1.6, 0.9, "some 100 leave")],
)
def test_rare_outcomes_are_counted_per_thousand_and_no_more_than_all(lift: float, base_rate: float, words: str) -> None:
    assert words in said(lift, lift - 0.1, lift + 0.1, base_rate)


def test_amounts_baselines_and_what_was_not_judged_say_nothing() -> None:
    assert reach_in_words(tiny_clv_baseline()) is None
    assert reach_in_words(replace(tiny_churn(), metrics={})) is None
