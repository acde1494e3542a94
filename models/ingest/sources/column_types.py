"""Column types of a source of texts, for columns that an expression compares, sorts or computes with.

It is the narrowest type that every value of the column fits, read by the declared dialect. Where most values fit one
and some do not, nothing is computed: an order of texts would put 9 after 10.
"""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from models.errors import DataError
from models.ingest.sources.column_uses import ColumnUse
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.quoting import BLANKS, literal, name
from models.ingest.text_formats.csv_dialect import Dialect
from models.workspace.remedy import Remedy

_BEGINNING = 5_000


@dataclass(frozen=True, slots=True)
class TypeFit:
    """How many values of a column fit a type. condition, value: SQL over the trimmed text."""

    type: str
    plural: str
    condition: str
    value: str


def typed_columns(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    used: Mapping[str, ColumnUse],
    dialect: Dialect,
    where: str,
    remedy_of: Callable[[str, str | None], Remedy | None],
) -> dict[str, tuple[str, str]]:
    """By own column of the source, for those that are more than texts: the SQL of its value, and DuckDB's type.

    relation: all texts. used: by own column. mending: of a column, and the SQL that is blank where a value does not
    fit, its remedy. Raises DataError naming row and value where most values fit and one not.
    """
    asked = {column: use for column, use in used.items() if use is not ColumnUse.TEXT}
    fits = {
        column: [_lossless(fit, column) if use is ColumnUse.EITHER else fit for fit in _fits(_trimmed(column), dialect)]
        for column, use in asked.items()
    }
    begins = f"(select * from {relation} limit {_BEGINNING})"
    possible = _fully_fitting(connection, begins, fits)  # what does not fit the beginning cannot fit all
    fitting = _fully_fitting(connection, relation, {column: fit for column, fit in possible.items() if fit})
    typed = {column: (fit[0].value, fit[0].type) for column, fit in fitting.items() if fit}
    for column, use in asked.items():
        if column not in typed and use >= ColumnUse.VALUE:
            _refuse_mixed(connection, relation, column, fits[column], dialect, where, remedy_of)
        if column not in typed and use is ColumnUse.ORDER:
            _refuse_digits(connection, relation, column, where, remedy_of)
    return typed


def _lossless(fit: TypeFit, column: str) -> TypeFit:
    """The type for values that it writes as they are written: 007 and 7 are two texts and one number."""
    return replace(fit, condition=f"({fit.condition}) and lower({_trimmed(column)}) = lower(({fit.value})::varchar)")


def _refuse_digits(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    where: str,
    remedy_of: Callable[[str, str | None], Remedy | None],
) -> None:
    """Raises DataError if half of a column's texts have digits, in whose order 9 comes after 10."""
    has_digit = f"regexp_matches({name(column)}, '[0-9]')"
    counts = f"count(*) filter ({_trimmed(column)} <> ''), count(*) filter ({has_digit})"
    filled, digits = connection.execute(f"select {counts} from {relation}").fetchall()[0]
    if not filled or digits * 2 < filled:
        return
    query = f"select {name(column)} from {relation} where {has_digit} limit 1"
    value = connection.execute(query).fetchall()[0][0]
    what = f"an expression puts '{column}' in order, but its values are texts (as {value[:40]!r}): 10 comes before 9"
    remedy = remedy_of(column, None)
    fix = f"read them as numbers or times; {plain_name(column)}::varchar if the order of texts is meant"
    raise DataError(what, where=f"{where}: column {column}", fix=fix if remedy is None else remedy.told)


def _fully_fitting(
    connection: duckdb.DuckDBPyConnection, relation: str, fits: Mapping[str, Sequence[TypeFit]]
) -> dict[str, list[TypeFit]]:
    """By column those types that every value fits which is not blank, narrowest first; none where all are blank."""
    if not fits:
        return {}
    tests = [
        f"bool_and(({fit.condition}) is true) filter ({_trimmed(column)} <> '')"
        for column, of_column in fits.items()
        for fit in of_column
    ]
    answers = iter(connection.execute(f"select {', '.join(tests)} from {relation}").fetchall()[0])
    return {column: [fit for fit in of_column if next(answers)] for column, of_column in fits.items()}


def _refuse_mixed(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    fits: Sequence[TypeFit],
    dialect: Dialect,
    where: str,
    remedy_of: Callable[[str, str | None], Remedy | None],
) -> None:
    """Raises DataError if most values of a column fit one type, which is then not a column of texts."""
    counts = [f"count(*) filter ({fit.condition})" for fit in fits]
    query = f"select count(*) filter ({_trimmed(column)} <> ''), {', '.join(counts)} from {relation}"
    filled, *fitting = connection.execute(query).fetchall()[0]
    fit, most = fits[fitting.index(max(fitting))], max(fitting)
    if most * 2 <= filled:
        return
    row, value = connection.execute(f"""
        select number, value from (
            select row_number() over () as number, {name(column)} as value, {fit.condition} as fits,
                {_trimmed(column)} <> '' as filled from {relation})
        where filled and fits is not true order by number limit 1""").fetchall()[0]
    what = (
        f"an expression needs '{column}' to be one kind of value, and all but {filled - most:,} of {filled:,} are"
        f" {fit.plural} (row {row:,}: {value[:40]!r})"
    )
    remedy = remedy_of(column, _cast(fit, plain_name(column), dialect))
    fix = "mend the source" if remedy is None else remedy.told
    raise DataError(what, where=f"{where}: column {column}", fix=fix)


def _cast(fit: TypeFit, column: str, dialect: Dialect) -> str:
    """The SQL of a column's values that fit a type, null where they do not."""
    is_number, is_time = fit.type in {"BIGINT", "DOUBLE"}, fit.type.startswith(("DATE", "TIMESTAMP"))
    if is_number and (dialect.decimal, dialect.thousands) != (".", None):
        return dialect.number(column)
    if is_time and (dialect.date_format or dialect.timestamp_format):
        return dialect.local(column) if "ZONE" not in fit.type else dialect.zoned(column)
    return f"try_cast({column} as {'double' if is_number else fit.type.lower()})"


def _trimmed(column: str) -> str:
    return f"trim({name(column)}, {BLANKS})"


def _fits(text: str, dialect: Dialect) -> list[TypeFit]:
    number, local, zoned = dialect.number(text), dialect.local(text), dialect.zoned(text)
    whole = f"try_cast(case when regexp_full_match({text}, '[+-]?[0-9]+') then {text} end as bigint)"
    truth = f"case lower({text}) when 'true' then true when 'false' then false end"
    time_of_day = literal(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
    clock = f"case when regexp_full_match({text}, {time_of_day}) then try_cast({text} as time) end"
    return [
        TypeFit("BIGINT", "whole numbers", f"{whole} is not null", whole),
        TypeFit("DOUBLE", "numbers", f"{number} is not null", number),
        TypeFit("BOOLEAN", "true or false", f"{truth} is not null", truth),
        TypeFit("TIME", "times of day", f"{clock} is not null", clock),
        TypeFit("DATE", "days", f"{local} = date_trunc('day', {local}) and length({text}) <= 10", f"({local})::date"),
        TypeFit("TIMESTAMP", "times", f"{local} is not null", local),
        TypeFit("TIMESTAMP WITH TIME ZONE", "times with an offset", f"{zoned} is not null", zoned),
    ]
