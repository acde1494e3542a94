"""Conversion query: SQL that converts a source's rows to the contract, with rejection reasons and changed values."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Sequence
from dataclasses import replace

from models.ingest.columns.currency_exchange import with_exchange
from models.ingest.columns.mapped_column import ROW, MappedColumn, filtered
from models.ingest.columns.value_conversion import ConversionSettings, Violation, convert_column, number_of
from models.ingest.sources.sources import Source
from models.ingest.sql.quoting import literal, name
from models.rows.tables import CONTROL, TABLES

REASON, REFUSED, FLAWS = name(" reason"), name(" refused value"), name(" flaws")
EXPRESSION_FIX = "mend the expressions under `columns` (try_cast gives null where a value does not fit)"
_PROBLEM = name(" problem")
"""The number of the first problem for which a row is rejected: each condition is asked once."""


def conversion(source: Source, mapped: Sequence[MappedColumn], setting: ConversionSettings) -> str:
    """A query of the source's rows as the contract has them, each with its number, why it is refused, if it is, and
    otherwise the flaws of its values: a list of (reason, value), null for none. A table without customers has a null in
    the place of customer_id.
    """
    table, from_csv = TABLES[source.table], source.broken is not None
    converted = {
        item.column.name: convert_column(item, table, setting, from_csv=from_csv, where=source.where) for item in mapped
    }
    problems = [problem for one in converted.values() for problem in one.problems]
    if {"started_at", "ended_at"} <= converted.keys():
        raw = converted["ended_at"].raw
        problems.append(Violation("ended_at < started_at", "ends before it starts ended_at", raw))
    if "arm" in converted:  # who was drawn but not contacted needs no action
        drawn = f"coalesce(arm = {literal(CONTROL)}, false)"
        problems = [
            replace(one, condition=f"{one.condition} and not {drawn}") if one.reason == "missing action" else one
            for one in problems
        ]
    raws = [f"{item.expression} as {converted[item.column.name].raw}" for item in mapped]
    parsed = [f", {sql} as {column}" for one in converted.values() for column, sql in one.parsed]
    values = [f"{one.value} as {name(column)}" for column, one in converted.items()]
    kept = [f"{one.kept} as {name(column)}" for column, one in converted.items()]
    refusing = [problem for problem in problems if not problem.keeps_row]
    number = " ".join(f"when {one.condition} then {place}" for place, one in enumerate(refusing))
    reason = " ".join(f"when {place} then {literal(one.reason)}" for place, one in enumerate(refusing))
    refused = " ".join(f"when {place} then left({one.raw}::varchar, 40)" for place, one in enumerate(refusing))
    flaws = _flaws([problem for problem in problems if problem.keeps_row])
    converted_columns = ", ".join(name(column) for column in converted)
    if table.column("customer_id") is None:
        converted_columns += ", null::varchar as customer_id"
    of_values = f"""select *, {", ".join(values)} from (select *{"".join(parsed)} from (
                select {ROW}, {", ".join(raws)} from {filtered(source)}))"""
    has_currency = any(item.column.kind == "currency" for item in mapped)
    if setting.with_rates and has_currency and table.at is not None:
        money = {item.column.name: number_of(item) for item in mapped if item.column.kind == "money"}
        of_values = with_exchange(of_values, money, table.at, setting.currency)
    return f"""
        select {ROW}, {converted_columns}, case {_PROBLEM} {reason} end as {REASON},
            case {_PROBLEM} {refused} end as {REFUSED}, {FLAWS}
        from (select * replace ({", ".join(kept)}), case {number} end as {_PROBLEM}, {flaws} as {FLAWS}
            from ({of_values}))"""


def _flaws(problems: Sequence[Violation]) -> str:
    """A list of the flaws of a row, of each column the first; put together for rows only that have any."""
    if not problems:
        return "null"
    by_column: dict[str, list[Violation]] = {}
    for problem in problems:
        by_column.setdefault(problem.raw, []).append(problem)
    firsts = [
        "case "
        + " ".join(
            f"when {one.condition} then {{'reason': {literal(one.reason)}, 'value': left({raw}::varchar, 40)}}"
            for one in of_column
        )
        + " end"
        for raw, of_column in by_column.items()
    ]
    any_of_them = " or ".join(f"({problem.condition})" for problem in problems)
    return f"case when {any_of_them} then list_filter([{', '.join(firsts)}], lambda one: one is not null) end"


def refused_query(converted: str) -> str:
    """The SQL of (row, reason, refused value, customer_id) of the rejected rows of a conversion."""
    return f"select {ROW}, {REASON}, {REFUSED}, customer_id from {converted} where {REASON} is not null"


def flawed_query(converted: str) -> str:
    """The SQL of (row, reason, value) of the flaws in rows of a conversion that stay."""
    return f"""
        select {ROW}, flaw.reason as {REASON}, flaw.value as {REFUSED}
        from (select {ROW}, unnest({FLAWS}::struct(reason varchar, "value" varchar)[]) as flaw
            from {converted} where {FLAWS} is not null and {REASON} is null)"""
