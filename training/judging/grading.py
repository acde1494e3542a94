"""Grading: from figures to a grade that marketers can act on.

A   beats every named baseline by more than chance explains, and is calibrated
B   beats every named baseline; of a yardstick (a model, such as BG/NBD) it is enough not to be clearly worse
C   does not, or is far off in total; it cannot become champion unless forced
"""

import math
from dataclasses import dataclass

from models.score.score_model import Grade
from training.judging.baselines import YARDSTICKS
from training.judging.bootstrap import Figure
from training.judging.evaluation import Evaluation, main_figure

LARGEST_ECE = 0.05
LARGEST_BIAS = {"churn": 0.20, "upsell": 0.20, "clv": 0.15}
LARGEST_DECILE_ERROR = 0.20
WORST_BIAS = 0.50
"""The relative error of a total beyond which, if significant, plans by it are wrong however good the ranking is."""

CHAMPION, INFORMED_CHAMPION = "champion", "champion (knew some of it)"
"""The champion's name among the baselines; promotion compares with it, grades do not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A grade and why, in a sentence."""

    grade: Grade
    why: str


def grade(evaluation: Evaluation) -> Verdict:
    """The grade of a model by its evaluation."""
    leads = {name: lead for name, lead in evaluation.leads.items() if name not in {CHAMPION, INFORMED_CHAMPION}}
    behind = [name for name, lead in leads.items() if is_behind(name, lead)]
    failings = [f"no better than {compared(evaluation, name)}" for name in behind]
    if not leads:
        failings.append("there is nothing to hold it against")
    if is_off(evaluation, WORST_BIAS):
        failings.append(f"{total_in_words(evaluation)}, so that its numbers mislead")
    if failings:
        return Verdict("C", "; ".join(failings))
    doubts = [
        f"its lead over {name} may be chance" if lead.value > 0 else f"{name} does as well"
        for name, lead in leads.items()
        if not lead.low > 0
    ]
    may_be_chance = bool(doubts)
    doubts += miscalibration(evaluation)
    if evaluation.judged != "out of time" and evaluation.horizon_days is not None:
        doubts.append("it was judged across customers, the history being too short to judge it across time")
    if evaluation.scaled_to is not None:
        doubts.append(
            f"it was judged over {evaluation.horizon_days} days, and its numbers for {evaluation.scaled_to} are scaled"
        )
    closest = compared(evaluation, min(leads, key=lambda name: leads[name].value))
    better = f"orders customers better than every rule of thumb{'' if may_be_chance else ' by more than chance'}"
    if doubts:
        return Verdict("B", f"{better} (closest: {closest}), but {'; '.join(doubts)}")
    return Verdict("A", f"{better} (closest: {closest}), and is calibrated")


def compared(evaluation: Evaluation, name: str) -> str:
    """A baseline beside the score: "recency rule, AUC 0.785 against our 0.808, lead +0.023 [+0.016 to +0.030]"."""
    lead, ours = evaluation.leads[name], evaluation.figures[main_figure(evaluation.kind)].value
    if not math.isfinite(lead.value):
        return f"{name}, as far as can be told"
    title = "Gini" if evaluation.kind == "clv" else "AUC"
    interval = f" [{lead.low:+.3f} to {lead.high:+.3f}]" if math.isfinite(lead.low) else ""
    return f"{name}, {title} {ours - lead.value:.3f} against our {ours:.3f}, lead {lead.value:+.3f}{interval}"


def is_behind(baseline: str, lead: Figure) -> bool:
    """Whether there is no lead: over a rule of thumb not above zero, over a model significantly below zero."""
    return lead.high < 0 if baseline in YARDSTICKS else not lead.value > 0


def is_off(evaluation: Evaluation, share: float) -> bool:
    """Whether what is predicted for everyone differs from what came by more than this share, and beyond chance."""
    bias = evaluation.figures["bias"]
    return abs(bias.value) > share and not bias.low <= 0 <= bias.high


def total_in_words(evaluation: Evaluation) -> str:
    """By how much the total is off."""
    bias = evaluation.figures["bias"].value
    return f"in total it is {abs(bias):.0%} too {'high' if bias > 0 else 'low'}"


def miscalibration(evaluation: Evaluation) -> list[str]:
    """What is wrong with the numbers as numbers, in words; nothing if they are calibrated."""
    figures, wrong = evaluation.figures, []
    if is_off(evaluation, LARGEST_BIAS[evaluation.kind]):
        wrong.append(total_in_words(evaluation))
    if evaluation.kind == "clv":
        if figures["decile_error"].value > LARGEST_DECILE_ERROR:
            wrong.append(
                f"by tenths of customers its amounts are off by {figures['decile_error'].value:.0%} of revenue"
            )
    elif figures["ece"].value > LARGEST_ECE:
        wrong.append(f"its probabilities are off by {figures['ece'].value:.3f} on average")
    return wrong
