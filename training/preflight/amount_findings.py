"""Findings about amounts: a hundredfold jump from one month to the next, as when cents become euros."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from models.ingest import Ingested
from models.ingest.text_formats.csv_dialect import ISO
from models.rows.history import MICROSECONDS_PER_DAY, Floats, Integers
from models.workspace import Workspace
from training.findings.finding import Finding
from training.preflight.toml_fixes import WorkspaceTables

_JUMP = 30.0
_FEWEST_LINES = 20
_MONTH = 30 * MICROSECONDS_PER_DAY


@dataclass(frozen=True)
class _Jump:
    """before, after: the median amounts, minor units. last, next: the instants of the lines on both sides of it."""

    before: float
    after: float
    last: int
    next: int

    @property
    def factor(self) -> float:
        """What amounts were multiplied by: a power of ten."""
        return float(10.0 ** np.round(np.log10(self.after / self.before)))


def amount_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """The jumps of the median amount (sign aside) between two months of 30 days with enough lines."""
    history = ingested.history
    orders = history.tables.get("orders")
    if orders is None or len(orders.at) == 0:
        return
    amounts = np.abs(np.asarray(orders.columns["amount"]))
    counted = np.flatnonzero(amounts > 0)
    order = counted[np.argsort(orders.at[counted], kind="stable")]
    if jumps := _jumps(orders.at[order], amounts[order]):
        own, zone = WorkspaceTables(workspace, ingested), workspace.config.zone("orders")
        first = jumps[0]
        began, unit = _began(first, zone), history.minor_units
        example = f"on {began}: from {first.before / unit:.2f} to {first.after / unit:.2f}"
        what = f"the median amount of a line jumps {len(jumps)} times from one month to the next"
        major = _in_major_unit(orders.at[order], amounts[order], jumps, unit)
        fix = "bring all amounts to one unit"
        in_one_unit = _in_one_unit(jumps, major, own, zone)
        fix = fix if in_one_unit is not None else f"{fix} in the source"
        change = "" if in_one_unit is None else own.reading("orders", {"amount": in_one_unit})
        yield Finding("E204", "orders.amount", what, fix, count=len(jumps), example=example, change=change)


def _jumps(at: Integers, amounts: Floats) -> list[_Jump]:
    """The jumps in lines that are in order of time and above zero."""
    if not len(at):
        return []
    months = at // _MONTH
    _, starts = np.unique(months, return_index=True)
    ends = np.append(starts[1:], len(at))
    counted = [(start, end) for start, end in zip(starts, ends, strict=True) if end - start >= _FEWEST_LINES]
    medians = [float(np.median(amounts[start:end])) for start, end in counted]
    found: list[_Jump] = []
    for (earlier, before), (later, after) in pairwise(zip(counted, medians, strict=True)):
        if max(before / after, after / before) >= _JUMP:
            found.append(_at_its_line(at, amounts, earlier[0], later[1], before, after))
    return found


def _at_its_line(at: Integers, amounts: Floats, start: int, end: int, before: float, after: float) -> _Jump:
    """The jump between the two lines that part these months best: where the logarithms differ most, on both sides."""
    logs = np.log(amounts[start:end])
    left = np.arange(1, len(logs))
    right = len(logs) - left
    sums = np.cumsum(logs)[:-1]
    apart = np.abs(sums / left - (logs.sum() - sums) / right) * np.sqrt(left * right)
    split = start + 1 + int(np.argmax(apart))
    return _Jump(before, after, int(at[split - 1]), int(at[split]))


def _began(jump: _Jump, zone: str) -> str:
    """When amounts changed: the day, or the second where it was in the middle of one.

    In the table's zone, but a moment that is the right one in UTC, too, where there is one: times may carry a zone.
    """
    last, following = (datetime.fromtimestamp(at / 1e6, tz=UTC) for at in (jump.last, jump.next))
    of_both = [time.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for time in (last, following)]
    after = max(of_both[0], last.replace(tzinfo=None))
    by = min(of_both[1], following.replace(tzinfo=None))
    if after >= by:
        after, by = of_both
    day = by.replace(hour=0, minute=0, second=0, microsecond=0)
    return day.date().isoformat() if after < day else by.isoformat(sep=" ", timespec="microseconds")


def _in_one_unit(jumps: list[_Jump], major: int, own: WorkspaceTables, zone: str) -> str | None:
    """An expression that brings amounts to the unit in which those of the stretch `major` are.

    None where `read` declares how values are written, and expressions compute the amounts from them.
    """
    amount, at = _as_read("amount", own), _as_read("ordered_at", own)
    if amount is None or at is None:
        return None
    units = np.cumprod([1.0, *(jump.factor for jump in jumps)])
    scaled = [_scaled(amount, float(units[major] / unit)) for unit in units]
    cases = [
        f"when {at} < timestamp '{_began(jump, zone)}' then {before}"
        for jump, before in zip(jumps, scaled[:-1], strict=True)
    ]
    return f"case {' '.join(cases)} else {scaled[-1]} end"


def _as_read(column: str, own: WorkspaceTables) -> str | None:
    """The SQL of an amount, or of a time, as the table is read: by the dialect that `read` declares."""
    dialect, value = own.dialect("orders"), own.expression("orders", column)
    if dialect == ISO:
        return f"try_cast({value} as {'double' if column == 'amount' else 'timestamp'})"
    if not own.is_text("orders", column):
        return None
    text = f"trim({value})"
    if column == "amount":
        return f"({dialect.number(text)})"
    return f"coalesce({dialect.local(text)}, {dialect.zoned(text)}::timestamp)"


def _scaled(amount: str, factor: float) -> str:
    if factor == 1.0:
        return amount
    return f"{amount} * {factor:.0f}" if factor > 1 else f"{amount} / {1 / factor:.0f}"


def _in_major_unit(at: Integers, amounts: Floats, jumps: list[_Jump], minor_units: int) -> int:
    """The stretch between jumps that is in the major unit: that with the most amounts that are no whole number."""
    stretches = np.split(amounts, np.searchsorted(at, [jump.next for jump in jumps]))
    whole = [float((stretch % minor_units == 0).mean()) for stretch in stretches]
    return len(whole) - 1 - int(np.argmin(whole[::-1]))
