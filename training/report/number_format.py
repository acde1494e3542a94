"""Number format of the reports: numbers and instants as people read them."""

import math

from models.rows.instants import format_instant
from training.judging.bootstrap import Figure

FIGURES = {
    "churn": (
        ("auc", "AUC"),
        ("log_loss", "log loss"),
        ("brier", "Brier"),
        ("ece", "ECE"),
        ("bias", "bias"),
        ("lift_10", "lift, top 10 %"),
    ),
    "clv": (("gini", "Gini"), ("mae", "mean error"), ("bias", "bias"), ("decile_error", "error by tenths")),
}
FIGURES["upsell"] = FIGURES["churn"]
"""The figures of each kind of score, in order: their names, and their titles."""
PERCENT = frozenset({"bias", "decile_error", "coverage", "coverage_top"})


def shown_figure(figure: Figure | None, name: str) -> str:
    """A figure with its interval, for people: "0.806 (0.790 to 0.822)"."""
    between = interval(figure, name)
    return point(figure, name) + (f" ({between})" if between else "")


def shown_lead(lead: Figure) -> str:
    """A lead with its sign and interval: "+0.012 (+0.004 to +0.021)"; "-" where there is none."""
    if not math.isfinite(lead.value):
        return "-"
    return f"{lead.value:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})"


def point(figure: Figure | None, name: str) -> str:
    """A figure without its interval, "-" where there is none."""
    return _number(figure.value, name) if figure is not None and math.isfinite(figure.value) else "-"


def interval(figure: Figure | None, name: str) -> str:
    """The interval of a figure alone, "" where there is none: "0.790 to 0.822"."""
    if figure is None or not math.isfinite(figure.value) or not math.isfinite(figure.low):
        return ""
    return f"{_number(figure.low, name)} to {_number(figure.high, name)}"


def _number(value: float, name: str) -> str:
    if name in PERCENT:
        return f"{100 * value:.1f} %"
    return f"{value:,.2f}" if name in {"mae", "lift_10"} else f"{value:.3f}"


def score_value(value: float, kind: str) -> str:
    """A score, or a mean outcome: a share in percent, or an amount (from 100 on, in whole units).

    >>> [score_value(value, "clv") for value in (12.3, 1234.6, math.nan)], score_value(0.1234, "churn")
    (['12.30', '1,235', '-'], '12.3 %')
    """
    if not math.isfinite(value):
        return "-"
    return amount(value) if kind == "clv" else f"{100 * value:.1f} %"


def amount(value: float) -> str:
    """An amount, or a ratio, with as many digits as matter."""
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def between(low: float, high: float, kind: str = "clv") -> str:
    """A range of scores, or of plain numbers; "-" where there is none.

    >>> between(0.923, 1.12), between(0.174, 0.283, "churn")
    ('0.92 to 1.12', '17.4 to 28.3 %')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return "-"
    return f"{amount(low)} to {amount(high)}" if kind == "clv" else f"{100 * low:.1f} to {100 * high:.1f} %"


def plain(value: float, digits: int = 2) -> str:
    """A number with so many digits, "-" where there is none."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "-"


def minute(instant: int) -> str:
    """The minute of an instant."""
    return format_instant(instant)[:16].replace("T", " ")


def day(instant: int) -> str:
    """The date of an instant."""
    return format_instant(instant)[:10]


def duration(seconds: float) -> str:
    """How long something took.

    >>> duration(42.4), duration(150)
    ('42 seconds', '2.5 minutes')
    """
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.1f} minutes"
