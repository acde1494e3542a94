"""Policy comparison as tables for the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

MOST_MOVES = 10
WIDE = 110
Figures = Mapping[str, Any]


def comparison_view(comparison: Mapping[str, Any], width: int) -> Iterator[str | Table]:
    """What there is to show, from the top: what was compared, totals, who moves, and the same by segment.

    width: of the terminal; on one narrower than WIDE the segments show differences alone.
    """
    for side, word in (("now", "now:  "), ("other", "other:")):
        policy = comparison["policies"][side]
        yield f"{word} {policy['file']}, policy {policy['version']}{_assumed(policy, comparison['totals'][side])}"
    as_of, version, currency = (comparison[name] for name in ("as_of", "bundle_version", "currency"))
    yield f"as of {as_of}, bundle version {version}, amounts in {currency}"
    changed = comparison["changed"]
    yield (
        f"{comparison['customers']:,} customers, {comparison['scored']:,} of them scored; "
        f"{changed['customers']:,} ({changed['share']:.1%}) would get another action"
    )
    yield "\nTotals"
    yield _totals(comparison["totals"])
    if comparison["moves"]:
        yield "\nWho gets another action, the largest moves first"
        yield _moves(comparison["moves"])
    yield f"\nBy {comparison['by']}"
    yield _segments(comparison["segments"], wide=width >= WIDE)


def _assumed(policy: Mapping[str, Any], figures: Figures) -> str:
    if not policy["assumed"]:
        return ""
    if len(policy["assumed"]) == len(figures["actions"]):
        return "; every effect in it is assumed"
    return f"; assumed effects: {', '.join(policy['assumed'])}"


def _totals(totals: Mapping[str, Figures]) -> Table:
    table = _table("", "now", "other", "difference")
    sides = [totals[side] for side in ("now", "other", "difference")]
    for label, name in (("expected margin", "expected_margin"), ("expected cost", "expected_cost")):
        now, other, more = (side[name] for side in sides)
        table.add_row(label, f"{now:,.2f}", f"{other:,.2f}", f"{more:+,.2f}")
    _counted(table, "contacts", [side["contacts"] for side in sides])
    for kind, how in (("channels", "by"), ("actions", "for")):
        for name in totals["difference"][kind]:
            _counted(table, f"  {how} {name}", [side[kind].get(name, 0) for side in sides])
    _counted(table, "held out", [side["held_out"] for side in sides])
    return table


def _counted(table: Table, label: str, counts: list[int]) -> None:
    now, other, more = counts
    table.add_row(label, f"{now:,}", f"{other:,}", f"{more:+,}")


def _moves(moves: list[Mapping[str, Any]]) -> Table:
    table = _table("from", "to", "customers", "share", words=2)
    for move in moves[:MOST_MOVES]:
        table.add_row(move["from"], move["to"], f"{move['customers']:,}", f"{move['share']:.1%}")
    if rest := moves[MOST_MOVES:]:
        customers, share = sum(move["customers"] for move in rest), sum(move["share"] for move in rest)
        table.add_row("others", "", f"{customers:,}", f"{share:.1%}")
    return table


def _segments(rows: list[Mapping[str, Any]], *, wide: bool) -> Table:
    kinds = (("expected_margin", "margin", ",.0f"), ("expected_cost", "cost", ",.0f"), ("contacts", "contacts", ",d"))
    headings = [heading for _, name, _ in kinds for heading in ([f"{name} now", "other", "+/-"] if wide else [name])]
    table = _table("", "customers", "change", *headings)
    for row in rows:
        cells = [row["segment"] or "(none)", f"{row['customers']:,}", f"{row['changed']['share']:.1%}"]
        for name, _, how in kinds:
            if wide:
                cells += [f"{row[side][name]:{how}}" for side in ("now", "other")]
            cells.append(f"{row['difference'][name]:+{how}}")
        table.add_row(*cells)
    return table


def _table(*headings: str, words: int = 1) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < words else "right", no_wrap=True)
    return table
