"""Findings about amounts: a hundredfold jump from one month to the next, as when cents become euros."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from models.history import MICROSECONDS_PER_DAY, History
from models.instants import format_instant
from training.preflight.finding import Finding

_JUMP = 30.0
_FEWEST_LINES = 20


def amount_findings(history: History) -> Iterator[Finding]:
    """The first jump of the median amount (sign aside) between two months of 30 days with enough lines."""
    orders = history.tables.get("orders")
    if orders is None or len(orders.at) == 0:
        return
    amounts = np.abs(np.asarray(orders.columns["amount"]))
    months = orders.at // (30 * MICROSECONDS_PER_DAY)
    order = np.argsort(months, kind="stable")
    kinds, starts = np.unique(months[order], return_index=True)
    medians = [
        (int(month), float(np.median(lines[lines > 0])))
        for month, lines in zip(kinds, np.split(amounts[order], starts[1:]), strict=True)
        if (lines > 0).sum() >= _FEWEST_LINES
    ]
    jumps = [
        (month, before, after)
        for (_, before), (month, after) in pairwise(medians)
        if max(before / after, after / before) >= _JUMP
    ]
    if jumps:
        month, before, after = jumps[0]
        day = format_instant(month * 30 * MICROSECONDS_PER_DAY)[:10]
        shown = f"about {day}: from {before / history.minor_units:.2f} to {after / history.minor_units:.2f}"
        message = f"the median amount of a line jumps {len(jumps)} times from one month to the next"
        fix = f"bring all amounts to one unit: amount = \"if(ordered_at < '{day}', amount / 100, amount)\""
        yield Finding("E204", "orders.amount", message, len(jumps), shown, fix)
