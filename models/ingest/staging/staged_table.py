"""Reads a table by its contract into a table of converted values, and puts the rows aside that do not keep it."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from models.consent.recorded_consent import REFUSED as REFUSED_CONSENT
from models.consent.recorded_consent import UNREADABLE
from models.ingest.columns.column_mapping import ROW, Mapped, Stray, filtered, map_columns
from models.ingest.columns.ingest_account import SourceDigest
from models.ingest.columns.kind_mismatches import Misfit
from models.ingest.columns.learnt_kinds import misfits_of
from models.ingest.columns.value_conversion import Problem, Setting, convert
from models.ingest.sources.sources import Source
from models.ingest.sql.duckdb_session import errors_told
from models.ingest.sql.quoting import literal, name
from models.ingest.staging.unreadable_lines import WHOLE, broken_lines, count_of
from models.rows.tables import CONTROL, TABLES, Column, TableName

REASON, REFUSED, FLAWS = name(" reason"), name(" refused value"), name(" flaws")
MENDING = "mend the expressions under `columns` (try_cast gives null where a value does not fit)"

_PROBLEM = name(" problem")
"""The number of the first problem for which a row is put aside: each condition is asked once."""
_MOST_LINES = 1_000
"""So many broken lines are looked at one by one."""
_BROKEN = name("people in broken lines")


@dataclass(frozen=True)
class Staged:
    """A table's good rows: `relation` holds one SQL column a contract column, under its name, converted.

    refused: the SQL table of (row, reason, refused value, customer_id) of the rows put aside. flawed: the same, without
    whose, of values that do not keep the contract in rows that stay without them. rows: how many the source had.
    mapped, setting: what its columns were made of, and with. misfits: columns that are not as they were learnt. told:
    where the rows are computed when they are read, the SQL view of all that there is to tell of them, of which
    `refused` and `flawed` are made.
    """

    source: Source
    relation: str
    refused: str
    flawed: str
    columns: Mapping[str, Column]
    rows: int
    mapped: tuple[Mapped, ...]
    setting: Setting
    misfits: tuple[Misfit, ...] = ()
    told: str | None = None

    @property
    def strays(self) -> tuple[Stray, ...]:
        """Of each attribute that nearly all values would make a number, or a time, the first that does not."""
        return tuple(one.stray for one in self.mapped if one.stray is not None)

    @property
    def person(self) -> str:
        """The expression over the source that gives customer_id."""
        return next(item.expression for item in self.mapped if item.column.name == "customer_id")

    def digest(self) -> SourceDigest:
        """What was read."""
        return SourceDigest(self.source.table, self.source.shown, self.source.sha256, self.rows)


def stage(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    setting: Setting,
    *,
    customers: Staged | None = None,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
    optional: frozenset[str] = frozenset(),
) -> Staged:
    """One table, converted and checked; rows of customers whom `customers` does not have are put aside.

    optional: columns that may be blank in a row of this source, whatever the contract says.
    """
    mapped = tuple(
        replace(one, column=replace(one.column, nullable=True)) if one.column.name in optional else one
        for one in map_columns(connection, source, labels=labels, numeric=numeric)
    )
    staged = replace(named(source, mapped, setting), misfits=misfits_of(connection, source, mapped, numeric))
    with errors_told(source.where, fix=MENDING):
        connection.execute(f"create temp table {staged.relation} as {conversion(source, mapped, setting)}")
        rows = connection.execute(f"select count(*) from {staged.relation}").fetchall()[0][0]
        connection.execute(f"create temp table {staged.refused} as {refused_query(staged.relation)}")
        connection.execute(f"create temp table {staged.flawed} as {flawed_query(staged.relation)}")
        connection.execute(f"alter table {staged.relation} drop column {FLAWS}")
    staged = replace(staged, rows=int(rows))
    _remove_refused(connection, staged)
    _keep_people_of_broken_lines(connection, staged, mapped, setting)
    _refuse_duplicates(connection, staged)
    if customers is not None:
        known = f"select customer_id from {customers.relation}"
        _refuse(connection, staged, "unknown customer", "customer_id", f"customer_id not in ({known})")
    _remove_refused(connection, staged)
    if source.table != "customers":  # there a refusal holds though its row is put aside for an earlier one
        connection.execute(f"delete from {staged.flawed} where {ROW} in (select {ROW} from {staged.refused})")
    return staged


def named(source: Source, mapped: Sequence[Mapped], setting: Setting) -> Staged:
    """The names under which a source is staged."""
    relation = name(f"staged from {source.relation}")
    refused, flawed = name(f"refused from {source.relation}"), name(f"flawed from {source.relation}")
    columns = {item.column.name: item.column for item in mapped}
    return Staged(source, relation, refused, flawed, columns, 0, tuple(mapped), setting)


def conversion(source: Source, mapped: Sequence[Mapped], setting: Setting) -> str:
    """A query of the source's rows as the contract has them, each with its number, why it is refused, if it is, and
    otherwise the flaws of its values: a list of (reason, value), null for none.
    """
    table, from_csv = TABLES[source.table], source.broken is not None
    converted = {
        item.column.name: convert(item, table, setting, from_csv=from_csv, where=source.where) for item in mapped
    }
    problems = [problem for one in converted.values() for problem in one.problems]
    if {"started_at", "ended_at"} <= converted.keys():
        raw = converted["ended_at"].raw
        problems.append(Problem("ended_at < started_at", "ends before it starts ended_at", raw))
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
    return f"""
        select {ROW}, {converted_columns}, case {_PROBLEM} {reason} end as {REASON},
            case {_PROBLEM} {refused} end as {REFUSED}, {FLAWS}
        from (select * replace ({", ".join(kept)}), case {number} end as {_PROBLEM}, {flaws} as {FLAWS}
            from (select *, {", ".join(values)} from (select *{"".join(parsed)} from (
                select {ROW}, {", ".join(raws)} from {filtered(source)}))))"""


def _flaws(problems: Sequence[Problem]) -> str:
    """A list of the flaws of a row, of each column the first; put together for rows only that have any."""
    if not problems:
        return "null"
    by_column: dict[str, list[Problem]] = {}
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
    """The SQL of (row, reason, refused value, customer_id) of the rows of a conversion that are put aside."""
    return f"select {ROW}, {REASON}, {REFUSED}, customer_id from {converted} where {REASON} is not null"


def flawed_query(converted: str) -> str:
    """The SQL of (row, reason, value) of the flaws in rows of a conversion that stay."""
    return f"""
        select {ROW}, flaw.reason as {REASON}, flaw.value as {REFUSED}
        from (select {ROW}, unnest({FLAWS}::struct(reason varchar, "value" varchar)[]) as flaw
            from {converted} where {FLAWS} is not null and {REASON} is null)"""


def identity_there(table: TableName, columns: Iterable[str]) -> list[str]:
    """The columns, of those that are there, that make two rows the same row; none where every row counts."""
    identity = TABLES[table].identity
    present = [column for column in identity if column in columns]
    return [] if "line_id" in identity and "line_id" not in present else present


def _refuse_duplicates(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    present = identity_there(staged.source.table, staged.columns)
    if not present:
        return
    if staged.source.table == "customers":
        _refusals_win(connection, staged)
    keys = ", ".join(present)
    there = " and ".join(f"{key} is not null" for key in present)
    twice = f"select {keys} from {staged.relation} where {there} group by all having count(*) > 1"
    if not connection.execute(f"{twice} limit 1").fetchall():
        return
    shown = f"concat_ws(', ', {', '.join(_shown(staged.columns[column]) for column in present)})"
    later = _later(staged, twice, present)
    if staged.source.table == "contacts":  # another person, time or channel is another contact, whatever its id
        same = [column for column in ("customer_id", "at", "channel") if column in staged.columns]
        _refuse(connection, staged, f"duplicate {keys}", shown, _later(staged, twice, present, same))
        connection.execute(f"""
            insert into {staged.flawed}
            select {ROW}, {literal(f"duplicate {keys}")}, {shown} from {staged.relation} where {later}""")
        connection.execute(f"update {staged.relation} set {present[0]} = null where {later}")
        return
    _refuse(connection, staged, f"duplicate {keys}", shown, later)


def _later(staged: Staged, twice: str, keys: Sequence[str], also: Sequence[str] = ()) -> str:
    """The condition of rows that have the keys, and the other columns, of an earlier row."""
    of_one = ", ".join(map(name, [*keys, *also]))
    return f"""{ROW} in (select {ROW} from (
        select {ROW}, row_number() over (partition by {of_one} order by {ROW}) as occurrence
        from {staged.relation} semi join ({twice}) using ({", ".join(keys)})) where occurrence > 1)"""


def _shown(column: Column) -> str:
    return f"strftime(make_timestamp({column.name}), '%Y-%m-%dT%H:%M:%SZ')" if column.kind == "instant" else column.name


def _refusals_win(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Where a customer stands in several rows, a consent refused in one of them is refused."""
    consents = [column.name for column in staged.columns.values() if column.kind == "consent"]
    for consent in consents:
        refusing = f"select customer_id from {staged.relation} where {consent} = {REFUSED_CONSENT}"
        connection.execute(
            f"update {staged.relation} set {consent} = {REFUSED_CONSENT} where customer_id in ({refusing})"
        )


def _keep_people_of_broken_lines(
    connection: duckdb.DuckDBPyConnection, staged: Staged, mapped: Sequence[Mapped], setting: Setting
) -> None:
    """Who stands in a broken line of a table that protects people loses no more than the values that cannot be read.

    Of `customers` they are a customer, of whom every consent that the table records is refused; of `attributes` without
    an instant, a customer without attributes; of `contacts` they were contacted then, by an unknown action and channel
    unless the line has a cell for each column.
    """
    source, table = staged.source, TABLES[staged.source.table]
    if not table.protects or (lines := broken_lines(connection, source)) is None:
        return
    needed = ("customer_id", "at") if source.table == "contacts" else ("customer_id",)
    told = ("action", "channel", "arm", "outcome") if source.table == "contacts" else ()
    connection.execute(f"create temp table {_BROKEN} ({ROW} bigint, customer_id varchar, {name('at')} bigint)")
    of_needed = [one for one in mapped if one.column.name in needed]
    if not _add_of_broken_lines(connection, lines, of_needed, setting, f"{ROW}"):
        # one line that cannot be read takes no other with it
        for number in range(1, min(count_of(connection, lines), _MOST_LINES) + 1):
            line = replace(lines, relation=f"(select * from {lines.relation} limit 1 offset {number - 1})")
            _add_of_broken_lines(connection, line, of_needed, setting, str(number))
    if source.table == "contacts":
        new = f"select customer_id, {name('at')}, -{ROW} as {ROW} from {_BROKEN}"
        connection.execute(f"insert into {staged.relation} by name {new}")
        for one in (one for one in mapped if one.column.name in told):
            _fill_from_whole_lines(connection, staged, lines, one, setting)
    elif table.at not in staged.columns:
        new = f"select customer_id, max(-{ROW}) as {ROW} from {_BROKEN} group by 1"
        missing = f"customer_id not in (select customer_id from {staged.relation})"
        connection.execute(f"insert into {staged.relation} by name select * from ({new}) where {missing}")
    for consent in (column.name for column in staged.columns.values() if column.kind == "consent"):
        theirs = f"customer_id in (select customer_id from {_BROKEN})"
        connection.execute(f"update {staged.relation} set {consent} = {UNREADABLE} where {theirs}")
    connection.execute(f"drop table {_BROKEN}")


def _add_of_broken_lines(
    connection: duckdb.DuckDBPyConnection, lines: Source, mapped: Sequence[Mapped], setting: Setting, row: str
) -> bool:
    """Keeps who stands in broken lines, and when; False where one cannot be read. row: the SQL of its number."""
    converted = f"select * from ({conversion(lines, mapped, setting)}) where {REASON} is null"
    columns = ", ".join(name(one.column.name) for one in mapped)
    try:
        connection.execute(f"insert into {_BROKEN} by name select {row} as {ROW}, {columns} from ({converted})")
    except duckdb.Error:  # an expression over a cell of another column
        return False
    return True


def _fill_from_whole_lines(
    connection: duckdb.DuckDBPyConnection, staged: Staged, lines: Source, mapped: Mapped, setting: Setting
) -> None:
    """Gives contacts of broken lines that have a cell for each column what another column says of them."""
    column = name(mapped.column.name)
    whole = f"select {ROW} from {filtered(lines)} where {WHOLE}"
    try:
        connection.execute(f"""
            update {staged.relation} set {column} = told.{column} from ({conversion(lines, [mapped], setting)}) told
            where {staged.relation}.{ROW} = -told.{ROW} and told.{ROW} in ({whole})""")
    except duckdb.Error:  # an expression over a cell of another column
        return


def _refuse(connection: duckdb.DuckDBPyConnection, staged: Staged, reason: str, shown: str, condition: str) -> None:
    connection.execute(f"""
        insert into {staged.refused}
        select {ROW}, {literal(reason)}, {shown}, customer_id from {staged.relation} where {condition}""")
    _remove_refused(connection, staged)


def _remove_refused(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    if connection.execute(f"select 1 from {staged.refused} limit 1").fetchall():
        connection.execute(f"delete from {staged.relation} where {ROW} in (select {ROW} from {staged.refused})")
