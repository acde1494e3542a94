"""Outcome findings: outcomes that differ from predictions by more than chance explains, and enough to matter."""

from collections.abc import Iterator
from math import isnan

from scipy.stats import binomtest, norm

from training.findings.finding import Finding
from training.judging.bootstrap import Figure
from training.judging.evaluation import main_figure
from training.judging.grading import LARGEST_BIAS, WORST_BIAS
from training.monitoring.score_outcomes import BandOutcome, ScoreOutcomes

P_VALUE = 0.001
"""The significance level of a figure's error; a run evaluates a few dozen figures."""
LARGEST_GAP, SHARE_OF_RARER, LEAST_GAP = 0.05, 0.25, 0.01
SKILL_LOST, SKILL_MUCH_LOST = 0.15, 0.30
COVERAGE_SHORT = {"coverage": (0.05, 0.15), "coverage_top": (0.10, 0.20)}
TREATED = "see first whether those with a high score were treated: a campaign that works changes what comes"


def outcome_findings(outcomes: ScoreOutcomes) -> Iterator[Finding]:
    """The findings about one score's outcomes; none where they are not evaluated."""
    if outcomes.standing == "judged":
        yield from band_findings(outcomes)
        yield from total_findings(outcomes)
        yield from order_findings(outcomes)
        yield from interval_findings(outcomes)


def material(expected: float) -> float:
    """How far a share may be from what was expected before it matters.

    Five points; of what is rare, or nearly certain, a quarter of the rarer side, but no less than one point.

    >>> material(0.5), material(0.08), material(0.01)
    (0.05, 0.02, 0.01)
    """
    return min(LARGEST_GAP, max(LEAST_GAP, SHARE_OF_RARER * min(expected, 1 - expected)))


def band_findings(outcomes: ScoreOutcomes) -> Iterator[Finding]:
    """Bands in which another share came than was expected; an error from twice what matters on."""
    off = [band for band in outcomes.bands if band.p < P_VALUE and excess(band) >= 1]
    if off:
        code = "E710" if max(excess(band) for band in off) >= 2 else "W710"
        parts = [
            f"{band.band}: {band.expected:.1%} were expected, {band.realised:.1%} came "
            f"({band.low:.1%} to {band.high:.1%}, {band.customers:,} customers)"
            for band in off
        ]
        fix = f"{TREATED}; otherwise tercet train, which sets the level anew"
        yield Finding(code, outcomes.score, "; ".join(parts), fix)


def excess(band: BandOutcome) -> float:
    """How many times what matters a band is off."""
    return abs(band.realised - band.expected) / material(band.expected)


def total_findings(outcomes: ScoreOutcomes) -> Iterator[Finding]:
    """An amount whose total is off."""
    expected, came = outcomes.totals
    if outcomes.kind != "clv" or expected == came:
        return
    off = (expected - came) / came if came > 0 else float("inf")
    bias = outcomes.figures["bias"]
    if abs(off) > LARGEST_BIAS["clv"] and not bias.low <= 0 <= bias.high:
        code = "E711" if abs(off) > WORST_BIAS else "W711"
        side = "high" if off > 0 else "low"
        by = f"{abs(off):.0%} too {side}" if came > 0 else f"too {side}"
        what = f"{expected:,.0f} was expected in total and {came:,.0f} came: {by}"
        yield Finding(code, outcomes.score, what, "tercet train, which sets the level anew")


def order_findings(outcomes: ScoreOutcomes) -> Iterator[Finding]:
    """The finding that a model ranks customers less well than when it was graded."""
    name = main_figure(outcomes.kind)
    now, promised = skill(outcomes.figures[name], name), skill(outcomes.promised.get(name, Figure(float("nan"))), name)
    if isnan(now.value) or isnan(promised.value) or promised.value <= 0:
        return
    lost = 1 - now.value / promised.value
    if lost >= SKILL_LOST and promised.value - now.value > scatter(now, promised):
        code = "E712" if lost >= SKILL_MUCH_LOST else "W712"
        figures = f"{outcomes.figures[name].value:.3f}, promised were {outcomes.promised[name].value:.3f}"
        what = f"it tells customers apart less well: {'Gini' if name == 'gini' else 'AUC'} {figures}"
        yield Finding(code, outcomes.score, what, "tercet train, and look at the features that moved")


def skill(figure: Figure, name: str) -> Figure:
    """A figure whose 0 is no order at all: the Gini, which of an AUC is 2 AUC - 1."""
    if name == "gini":
        return figure
    return Figure(2 * figure.value - 1, 2 * figure.low - 1, 2 * figure.high - 1)


def scatter(*figures: Figure) -> float:
    """By how much two figures with 95 % intervals may differ by chance; one without an interval counts as exact."""
    deviations = [0.0 if isnan(f.high - f.low) else (f.high - f.low) / (2 * norm.ppf(0.975)) for f in figures]
    return float(norm.ppf(1 - P_VALUE) * sum(deviation**2 for deviation in deviations) ** 0.5)


def interval_findings(outcomes: ScoreOutcomes) -> Iterator[Finding]:
    """Intervals that hold too few of the amounts, of all customers or of the tenth with the highest predictions."""
    if outcomes.coverage is None:
        return
    short, worst = [], False
    for name, (some, many) in COVERAGE_SHORT.items():
        customers = outcomes.customers if name == "coverage" else max(1, outcomes.customers // 10)
        held = outcomes.figures[name].value
        by_chance = binomtest(round(held * customers), customers, outcomes.coverage, alternative="less").pvalue
        if outcomes.coverage - held > some and by_chance < P_VALUE:
            whom = "all customers" if name == "coverage" else "the tenth with the highest predictions"
            short.append(f"{held:.0%} of {whom}")
            worst |= outcomes.coverage - held > many
    if short:
        what = f"the {outcomes.coverage:.0%} intervals hold what came of only {' and '.join(short)}"
        yield Finding("E713" if worst else "W713", outcomes.score, what, "tercet train, which fits them anew")
