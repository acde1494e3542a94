from dataclasses import replace

import pytest

from training.judging.bootstrap import Figure
from training.judging.evaluation import Evaluation
from training.judging.grading import CHAMPION, INFORMED_CHAMPION, grade

CHURN = Evaluation(
    score="churn",
    kind="churn",
    judged="out of time",
    horizon_days=90,
    rows=1000,
    positives=400,
    figures={"auc": Figure(0.8, 0.78, 0.82), "ece": Figure(0.02), "bias": Figure(0.03, -0.05, 0.1)},
    leads={"base rate": Figure(0.3, 0.28, 0.32), "logistic on RFM": Figure(0.02, 0.01, 0.03)},
)
CLV = replace(
    CHURN,
    score="clv",
    kind="clv",
    figures={"gini": Figure(0.8), "bias": Figure(-0.1, -0.2, 0.0), "decile_error": Figure(0.12)},
)


@pytest.mark.parametrize("evaluation", [CHURN, CLV])
def test_a_beats_every_baseline_beyond_chance_and_is_calibrated(evaluation: Evaluation) -> None:
    assert grade(evaluation).grade == "A"


def test_a_lead_that_may_be_chance_is_a_b() -> None:
    verdict = grade(replace(CHURN, leads=dict(CHURN.leads) | {"logistic on RFM": Figure(0.01, -0.002, 0.02)}))
    assert verdict.grade == "B"
    assert "lead over logistic on RFM may be chance" in verdict.why


@pytest.mark.parametrize("lead", [Figure(0.0, 0.0, 0.0), Figure(-0.01, -0.02, 0.01), Figure(float("nan"))])
def test_no_better_than_one_baseline_is_a_c(lead: Figure) -> None:
    verdict = grade(replace(CHURN, leads=dict(CHURN.leads) | {"recency rule": lead}))
    assert verdict.grade == "C"
    assert "recency rule" in verdict.why


@pytest.mark.parametrize(
    ("lead", "expected"),
    [(Figure(0.02, 0.01, 0.03), "A"), (Figure(-0.001, -0.004, 0.002), "B"), (Figure(-0.01, -0.02, -0.001), "C")],
)
def test_logistic_on_all_features_is_a_yardstick_that_only_a_clear_deficit_fails(lead: Figure, expected: str) -> None:
    leads = {"base rate": Figure(0.3, 0.28, 0.32), "logistic on all features": lead}
    assert grade(replace(CHURN, leads=leads)).grade == expected


@pytest.mark.parametrize(
    ("evaluation", "figure", "words"),
    [
        (CHURN, {"ece": Figure(0.1)}, "off by 0.100"),
        (CHURN, {"bias": Figure(0.3, 0.2, 0.4)}, "30% too high"),
        (CLV, {"bias": Figure(-0.2, -0.3, -0.1)}, "20% too low"),
        (CLV, {"decile_error": Figure(0.3)}, "off by 30% of revenue"),
    ],
)
def test_a_miscalibrated_model_is_a_b_and_says_how(
    evaluation: Evaluation, figure: dict[str, Figure], words: str
) -> None:
    verdict = grade(replace(evaluation, figures={**evaluation.figures, **figure}))
    assert verdict.grade == "B"
    assert words in verdict.why


@pytest.mark.parametrize(("evaluation", "words"), [(CHURN, "60% too high"), (CLV, "60% too low")])
def test_a_total_that_is_clearly_off_by_more_than_half_is_a_c_however_good_the_order_is(
    evaluation: Evaluation, words: str
) -> None:
    sign = 1 if "high" in words else -1
    bias = Figure(sign * 0.6, *sorted((sign * 0.4, sign * 0.8)))
    verdict = grade(replace(evaluation, figures={**evaluation.figures, "bias": bias}))
    assert verdict.grade == "C"
    assert verdict.why == f"in total it is {words}, so that its numbers mislead"


def test_a_total_that_may_be_off_by_chance_alone_is_no_c() -> None:
    assert grade(replace(CLV, figures={**CLV.figures, "bias": Figure(0.6, -0.1, 1.4)})).grade == "A"
    assert grade(replace(CLV, figures={**CLV.figures, "bias": Figure(0.5, 0.4, 0.6)})).grade == "B"


def test_a_bias_that_may_be_chance_does_not_count() -> None:
    assert grade(replace(CHURN, figures={**CHURN.figures, "bias": Figure(0.3, -0.1, 0.7)})).grade == "A"


def test_without_a_test_in_time_the_best_is_b_unless_there_is_no_time() -> None:
    across = replace(CHURN, judged="across customers")
    assert grade(across).grade == "B"
    assert grade(replace(across, horizon_days=None)).grade == "A"


def test_compared_with_nothing_is_a_c() -> None:
    assert grade(replace(CHURN, leads={})).grade == "C"


def test_an_a_names_the_measure_and_the_closest_baseline() -> None:
    assert grade(CHURN).why == (
        "orders customers better than every rule of thumb by more than chance (closest: logistic on RFM, AUC 0.780 "
        "against our 0.800, lead +0.020 [+0.010 to +0.030]), and is calibrated"
    )
    assert "Gini 0.780 against our 0.800" in grade(CLV).why


def test_a_b_says_what_to_doubt() -> None:
    lead = Figure(0.01, -0.002, 0.022)
    verdict = grade(replace(CHURN, leads=dict(CHURN.leads) | {"logistic on RFM": lead}))
    assert verdict.why == (
        "orders customers better than every rule of thumb (closest: logistic on RFM, AUC 0.790 against our 0.800, "
        "lead +0.010 [-0.002 to +0.022]), but its lead over logistic on RFM may be chance"
    )
    off = grade(replace(CHURN, figures={**CHURN.figures, "ece": Figure(0.1)})).why
    assert "by more than chance (closest" in off
    assert off.endswith("but its probabilities are off by 0.100 on average")


def test_a_c_says_what_it_lost_to_and_by_how_much() -> None:
    verdict = grade(replace(CHURN, leads=dict(CHURN.leads) | {"recency rule": Figure(-0.01, -0.02, 0.0)}))
    assert verdict.why == "no better than recency rule, AUC 0.810 against our 0.800, lead -0.010 [-0.020 to +0.000]"
    unknown = grade(replace(CHURN, leads={"recency rule": Figure(float("nan"))}))
    assert unknown.why == "no better than recency rule, as far as can be told"
    assert grade(replace(CHURN, leads={})).why == "there is nothing to hold it against"


@pytest.mark.parametrize("name", [CHAMPION, INFORMED_CHAMPION])
def test_the_champion_among_the_baselines_does_not_count_for_the_grade(name: str) -> None:
    assert grade(replace(CHURN, leads=dict(CHURN.leads) | {name: Figure(-0.1, -0.2, -0.05)})) == grade(CHURN)
