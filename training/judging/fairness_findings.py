"""Fairness findings about groups of sensitive columns: information for people; none blocks a promotion.

W920  beside all other customers, a group's predictions are off by more than a tenth, and beyond chance
W921  a group has one of the highest scores less than four fifths as often as the group that has most, beyond chance

Four fifths is the rule of the U.S. Uniform Guidelines on Employee Selection Procedures (29 CFR 1607.4 D), which ask
for statistical significance, too, where numbers are small. It was made for hiring; for offers it is a yardstick to
look closer by, no verdict.
"""

import math
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import numpy as np
from scipy.stats import fisher_exact, norm

from training.findings.finding import Finding
from training.findings.training_codes import FEWER_OF_A_GROUP, OFF_FOR_A_GROUP
from training.judging.evaluation import Evaluation
from training.judging.group_figures import GroupFigures
from training.judging.sensitive_groups import NOT_KNOWN, OTHERS

MATERIALLY = 0.10
FOUR_FIFTHS = 0.8
CHANCE = 0.05
"""How often a finding may come up although nothing is the matter, over all groups of a column (Bonferroni)."""
READ_ON = "docs/operations/report.md says how to weigh it"


def fairness_findings(evaluation: Evaluation) -> tuple[Finding, ...]:
    """At most one finding of each code, naming every group concerned."""
    of_columns = [(column, list(groups)) for column, groups in groupby(evaluation.fairness, key=attrgetter("column"))]
    off = [f"{words} by {column}" for column, groups in of_columns if (words := _off(groups))]
    fewer = [f"{words} by {column}" for column, groups in of_columns if (words := _fewer(groups))]
    found = []
    if off:
        what = f"beside all other customers, it is {'; '.join(off)}"
        fix = f"do not compare these groups by the score's numbers; look for a feature that tells why. {READ_ON}"
        found.append(Finding(OFF_FOR_A_GROUP, evaluation.score, what, fix))
    if fewer:
        what = f"less than four fifths as many have one of the highest scores {'; '.join(fewer)}"
        fix = f"ask whether a high score brings an advantage or a burden, and what explains the difference. {READ_ON}"
        found.append(Finding(FEWER_OF_A_GROUP, evaluation.score, what, fix))
    return tuple(found)


def _off(groups: Sequence[GroupFigures]) -> str:
    """The groups of a column whose predictions are off, in words; "others" is too mixed to say anything of."""
    named = [group for group in groups if group.group != OTHERS]
    beyond = float(norm.ppf(1 - CHANCE / (2 * max(len(named), 1))))
    found = []
    for group in named:
        ours, theirs = group.ratio, group.of_others
        share = ours.value / theirs.value - 1
        error = math.hypot(ours.relative_error, theirs.relative_error)
        if abs(share) > MATERIALLY and abs(math.log1p(share)) > beyond * error:
            found.append(f'{abs(share):.0%} too {"high" if share > 0 else "low"} for "{group.group}"')
    return ", ".join(found)


def _fewer(groups: Sequence[GroupFigures]) -> str:
    """The groups of a column that are seldom in the high band, in words; who is not known is no group of people."""
    named = [group for group in groups if group.group not in {OTHERS, NOT_KNOWN}]
    if not named:
        return ""
    most = max(named, key=attrgetter("high_share"))
    found = [
        f'"{group.group}" ({group.high_share:.1%})'
        for group in named
        if group.high_share < FOUR_FIFTHS * most.high_share and _by_chance(group, most) < CHANCE / (len(named) - 1)
    ]
    return f'of {", ".join(found)} as of "{most.group}" ({most.high_share:.1%})' if found else ""


def _by_chance(one: GroupFigures, other: GroupFigures) -> float:
    """Fisher's exact test: the probability that chance fills the high band as unevenly."""
    table = [[group.high, group.rows - group.high] for group in (one, other)]
    return float(fisher_exact(np.array(table))[1])
