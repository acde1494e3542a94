"""What an SQL expression over a source of texts needs its columns to be: texts, or the type that every value fits.

A column that is only handed on as a text stays one. A column that is compared, counted with or put in order is given
the narrowest type that every value of it fits, read by the declared dialect. Where most values fit one and some do
not, nothing is computed: an order of texts would put 9 after 10.
"""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import duckdb

from models.errors import DataError
from models.ingest.dialect import Dialect
from models.ingest.plain_names import plain_name
from models.ingest.remedies.remedy import Remedy
from models.ingest.sql import literal, name

BLANKS = "' \t\r\n'"
_TEXT_FUNCTIONS = frozenset(
    {"lower", "lcase", "upper", "ucase", "trim", "ltrim", "rtrim", "concat", "concat_ws", "||", "replace", "translate"}
    | {"regexp_replace", "regexp_matches", "regexp_full_match", "regexp_extract", "substr", "substring", "left"}
    | {"right", "split_part", "string_split", "strptime", "try_strptime", "length", "len", "strlen", "starts_with"}
    | {"ends_with", "contains", "prefix", "suffix", "nfc_normalize", "strip_accents", "md5", "sha256", "lpad", "rpad"}
    | {"~~", "!~~", "~~*", "!~~*", "~", "!~", "like_escape", "reverse", "hash", "count", "array_extract"}
)
_BEGINNING = 5_000
_CHOOSING = frozenset({"ifnull", "nullif", "coalesce"})
_EQUALITIES = frozenset(
    {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM", "COMPARE_IN"}
    | {"COMPARE_NOT_IN"}
)


class Use(IntEnum):
    """What an expression does with a column. TEXT: it wants a text. EITHER: it holds it against a constant that is
    written as a text, which can be done to a text and to a value. VALUE: it needs a number, a time or a truth.
    """

    TEXT = 0
    EITHER = 1
    VALUE = 2


@dataclass(frozen=True, slots=True)
class Fit:
    """How many values of a column fit a type. condition, value: SQL over the trimmed text."""

    type: str
    plural: str
    condition: str
    value: str


def uses(connection: duckdb.DuckDBPyConnection, columns: Iterable[str], condition: str | None) -> dict[str, Use]:
    """By column, without heed of case, what the expressions under `columns` and the condition `where` do with it."""
    found: dict[str, Use] = {}
    parts = [(expression, Use.TEXT) for expression in columns]
    parts += [(condition, Use.VALUE)] if condition else []
    for expression, wanted in parts:
        for column, use in _uses(parsed(connection, expression), wanted):
            found[column] = max(use, found.get(column, use))
    return found


def parsed(connection: duckdb.DuckDBPyConnection, expression: str) -> Any:
    """The expression as DuckDB parses it; empty where it cannot, which whoever computes it will be told."""
    text = connection.execute("select json_serialize_sql(?)", [f"select {expression}"]).fetchall()[0][0]
    statements = json.loads(text).get("statements") or [{"node": {"select_list": []}}]
    return statements[0]["node"]["select_list"]


def columns_in(node: Any) -> Iterator[str]:
    """The columns that a parsed expression names, without heed of case."""
    if isinstance(node, list):
        for item in node:
            yield from columns_in(item)
    elif isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield node["column_names"][-1].casefold()
        for item in node.values():
            yield from columns_in(item)


def _uses(node: Any, wanted: Use) -> Iterator[tuple[str, Use]]:
    """Each column below a node with what is done with it. wanted: what is done with the node itself."""
    if isinstance(node, list):
        for item in node:
            yield from _uses(item, wanted)
    elif isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        yield node["column_names"][-1].casefold(), wanted
    elif isinstance(node, dict):
        for part, use in _parts(node):
            yield from _uses(part, use)


def _parts(node: Mapping[str, Any]) -> list[tuple[Any, Use]]:
    """The parts of a node, each with what the node does with it."""
    kind, type_ = node.get("class"), str(node.get("type", ""))
    if kind == "CAST" or type_ in {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}:
        return [(node.get("child"), Use.TEXT), (node.get("children"), Use.TEXT)]
    if type_ in _EQUALITIES:
        sides = node["children"] if "children" in node else [node["left"], node["right"]]
        return [(sides, _against(sides, Use.EITHER))]
    if type_ == "OPERATOR_COALESCE":
        return [(node["children"], _against(node["children"], Use.TEXT))]
    match kind:
        case "FUNCTION":
            arguments = [one["expression"] for one in node["arguments"]]
            parts = _function_parts(str(node["function_name"]).lower(), arguments)
        case "WINDOW":
            rest = [item for key, item in node.items() if key != "partitions"]
            parts = [(node.get("partitions"), Use.EITHER), (rest, Use.VALUE)]
        case "CASE":
            results = [check["then_expr"] for check in node["case_checks"]] + [node["else_expr"]]
            conditions = [check["when_expr"] for check in node["case_checks"]]
            parts = [(conditions, Use.VALUE), (results, _against(results, Use.TEXT))]
        case _:
            parts = [(list(node.values()), Use.VALUE)]
    return parts


def _function_parts(function: str, arguments: list[Any]) -> list[tuple[Any, Use]]:
    if function in _TEXT_FUNCTIONS:
        return [(arguments, Use.TEXT)]
    if function == "if":
        return [(arguments[:1], Use.VALUE), (arguments[1:], _against(arguments[1:], Use.TEXT))]
    if function in _CHOOSING:
        return [(arguments, _against(arguments, Use.TEXT))]
    return [(arguments, Use.VALUE)]


def _against(nodes: Iterable[Any], use: Use) -> Use:
    """`use` where all that is not a column is a constant text, null, or a function that gives texts."""

    def is_text(node: Any) -> bool:
        if not isinstance(node, dict):
            return False
        if node.get("class") == "CONSTANT":
            return node["literal"]["kind"] in {"STRING", "NULL_LITERAL"}
        if node.get("class") == "FUNCTION":
            return str(node["function_name"]).lower() in _TEXT_FUNCTIONS
        return node.get("class") == "COLUMN_REF"

    listed = list(nodes)
    columns = sum(isinstance(node, dict) and node.get("class") == "COLUMN_REF" for node in listed)
    if use is Use.EITHER and columns > 1:
        return Use.VALUE
    return use if all(is_text(node) for node in listed) else Use.VALUE


def typed_columns(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    used: Mapping[str, Use],
    dialect: Dialect,
    where: str,
    mending: Callable[[str, str | None], Remedy | None],
) -> dict[str, tuple[str, str]]:
    """By own column of the source, for those that are more than texts: the SQL of its value, and DuckDB's type.

    relation: all texts. used: by own column. mending: of a column, and the SQL that is blank where a value does not
    fit, what mends it. Raises DataError naming row and value where most values fit and one not.
    """
    asked = {column: use for column, use in used.items() if use is not Use.TEXT}
    fits = {column: _fits(_trimmed(column), dialect) for column in asked}
    begins = f"(select * from {relation} limit {_BEGINNING})"
    possible = _fully_fitting(connection, begins, fits)  # what does not fit the beginning cannot fit all
    fitting = _fully_fitting(connection, relation, {column: fit for column, fit in possible.items() if fit})
    typed = {column: (fit[0].value, fit[0].type) for column, fit in fitting.items() if fit}
    for column, use in asked.items():
        if column not in typed and use is Use.VALUE:
            _refuse_mixed(connection, relation, column, fits[column], dialect, where, mending)
    return typed


def _fully_fitting(
    connection: duckdb.DuckDBPyConnection, relation: str, fits: Mapping[str, Sequence[Fit]]
) -> dict[str, list[Fit]]:
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
    fits: Sequence[Fit],
    dialect: Dialect,
    where: str,
    mending: Callable[[str, str | None], Remedy | None],
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
    remedy = mending(column, _cast(fit, plain_name(column), dialect))
    fix = "mend the source" if remedy is None else remedy.told
    raise DataError(what, where=f"{where}: column {column}", fix=fix)


def _cast(fit: Fit, column: str, dialect: Dialect) -> str:
    """The SQL of a column's values that fit a type, null where they do not."""
    is_number, is_time = fit.type in {"BIGINT", "DOUBLE"}, fit.type.startswith(("DATE", "TIMESTAMP"))
    if is_number and (dialect.decimal, dialect.thousands) != (".", None):
        return dialect.number(column)
    if is_time and (dialect.date_format or dialect.timestamp_format):
        return dialect.local(column) if "ZONE" not in fit.type else dialect.zoned(column)
    return f"try_cast({column} as {'double' if is_number else fit.type.lower()})"


def _trimmed(column: str) -> str:
    return f"trim({name(column)}, {BLANKS})"


def _fits(text: str, dialect: Dialect) -> list[Fit]:
    number, local, zoned = dialect.number(text), dialect.local(text), dialect.zoned(text)
    whole = f"try_cast(case when regexp_full_match({text}, '[+-]?[0-9]+') then {text} end as bigint)"
    truth = f"case lower({text}) when 'true' then true when 'false' then false end"
    time_of_day = literal(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
    clock = f"case when regexp_full_match({text}, {time_of_day}) then try_cast({text} as time) end"
    return [
        Fit("BIGINT", "whole numbers", f"{whole} is not null", whole),
        Fit("DOUBLE", "numbers", f"{number} is not null", number),
        Fit("BOOLEAN", "true or false", f"{truth} is not null", truth),
        Fit("TIME", "times of day", f"{clock} is not null", clock),
        Fit("DATE", "days", f"{local} = date_trunc('day', {local}) and length({text}) <= 10", f"({local})::date"),
        Fit("TIMESTAMP", "times", f"{local} is not null", local),
        Fit("TIMESTAMP WITH TIME ZONE", "times with an offset", f"{zoned} is not null", zoned),
    ]
