"""What an SQL expression over a source of texts needs its columns to be: texts, or the type that every value fits.

A column that is only handed on as a text stays one. A column that is compared, counted with or put in order is given
the narrowest type that every value of it fits, read by the declared dialect. Where most values fit one and some do
not, nothing is computed: an order of texts would put 9 after 10.
"""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import duckdb

from models.errors import DataError
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.quoting import literal, name
from models.ingest.text_formats.csv_dialect import Dialect
from models.workspace.remedy import Remedy

BLANKS = "' \t\r\n'"
_GIVING_TEXTS = frozenset(
    {"lower", "lcase", "upper", "ucase", "trim", "ltrim", "rtrim", "concat", "concat_ws", "||", "replace", "translate"}
    | {"regexp_replace", "regexp_extract", "substr", "substring", "left", "right", "split_part", "nfc_normalize"}
    | {"strip_accents", "md5", "sha256", "lpad", "rpad", "reverse", "array_extract"}
)
_READING_TEXTS = frozenset(
    {"regexp_matches", "regexp_full_match", "string_split", "strptime", "try_strptime", "length", "len", "strlen"}
    | {"starts_with", "ends_with", "contains", "prefix", "suffix", "~~", "!~~", "~~*", "!~~*", "~", "!~"}
    | {"like_escape", "hash", "count"}
)
_ORDERING = frozenset({"max", "min", "arg_max", "arg_min", "max_by", "min_by", "greatest", "least"})
_ORDERS = frozenset(
    {"COMPARE_LESSTHAN", "COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO"}
    | {"COMPARE_BETWEEN", "COMPARE_NOT_BETWEEN"}
)
_BEGINNING = 5_000
_CHOOSING = frozenset({"ifnull", "nullif", "coalesce"})
_EQUALITIES = frozenset(
    {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM", "COMPARE_IN"}
    | {"COMPARE_NOT_IN"}
)


class Use(IntEnum):
    """What an expression does with a column. TEXT: it wants a text. EITHER: it holds it against a constant that is
    written as a text, or against other rows for equality, which can be done to a text and to a value. VALUE: it needs a
    number, a time or a truth. ORDER: it asks which of two comes first.
    """

    TEXT = 0
    EITHER = 1
    VALUE = 2
    ORDER = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """How many values of a column fit a type. condition, value: SQL over the trimmed text."""

    type: str
    plural: str
    condition: str
    value: str


def uses(connection: duckdb.DuckDBPyConnection, columns: Iterable[str], condition: str | None) -> dict[str, Use]:
    """By column, without heed of case, what the expressions under `columns` and the condition `where` do with it.

    A column that one wants as a text, and another holds against a text, is a text for both.
    """
    found: dict[str, set[Use]] = {}
    parts = [(expression, Use.TEXT) for expression in columns]
    parts += [(condition, Use.VALUE)] if condition else []
    for expression, wanted in parts:
        for column, use in _uses(parsed(connection, expression), wanted):
            found.setdefault(column, set()).add(use)
    return {column: Use.TEXT if of == {Use.TEXT, Use.EITHER} else max(of) for column, of in found.items()}


def writes_points(connection: duckdb.DuckDBPyConnection, expression: str) -> bool:
    """Whether an expression puts a point into texts itself: then its numbers are written as SQL writes them."""
    return _writes_points(parsed(connection, expression))


def _writes_points(node: Any) -> bool:
    if isinstance(node, list):
        return any(_writes_points(item) for item in node)
    if not isinstance(node, dict):
        return False
    if node.get("class") == "FUNCTION":
        arguments = [one["expression"] for one in node["arguments"]]
        written = {"replace": arguments[2:3], "regexp_replace": arguments[2:3], "translate": arguments[2:3]}
        joined = {"concat": arguments, "concat_ws": arguments, "||": arguments}
        texts = (written | joined).get(str(node["function_name"]).lower(), [])
        if any(text.get("class") == "CONSTANT" and text["literal"].get("text") == "." for text in texts):
            return True
    return any(_writes_points(item) for item in node.values())


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
        for part, use in _parts(node, wanted):
            yield from _uses(part, use)


def _parts(node: Mapping[str, Any], wanted: Use) -> list[tuple[Any, Use]]:
    """The parts of a node, each with what the node does with it. wanted: what is done with the node itself."""
    kind, type_ = node.get("class"), str(node.get("type", ""))
    if kind == "CAST" or type_ in {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}:
        return [(node.get("child"), Use.TEXT), (node.get("children"), Use.TEXT)]
    if type_ in _EQUALITIES:
        sides = node["children"] if "children" in node else [node["left"], node["right"]]
        return [(sides, _against(sides, Use.EITHER))]
    if type_ in _ORDERS:
        return [([item for item in node.values() if isinstance(item, dict | list)], Use.ORDER)]
    if type_ == "OPERATOR_COALESCE":
        return [(node["children"], _handed_on(node["children"], wanted))]
    match kind:
        case "FUNCTION":
            arguments = [one["expression"] for one in node["arguments"]]
            parts = _function_parts(str(node["function_name"]).lower(), arguments, wanted)
            parts += [(node.get("order_bys"), Use.ORDER), (node.get("filter"), Use.VALUE)]
        case "WINDOW":
            of = Use.ORDER if str(node.get("function_name")).lower() in _ORDERING else Use.VALUE
            rest = [item for key, item in node.items() if key not in {"partitions", "orders"}]
            parts = [(node.get("partitions"), Use.EITHER), (node.get("orders"), Use.ORDER), (rest, of)]
        case "CASE":
            results = [check["then_expr"] for check in node["case_checks"]] + [node["else_expr"]]
            conditions = [check["when_expr"] for check in node["case_checks"]]
            parts = [(conditions, Use.VALUE), (results, _handed_on(results, wanted))]
        case _:
            parts = [(list(node.values()), max(wanted, Use.VALUE))]
    return parts


def _function_parts(function: str, arguments: list[Any], wanted: Use) -> list[tuple[Any, Use]]:
    if function in _READING_TEXTS:
        return [(arguments, Use.TEXT)]
    if function in _GIVING_TEXTS:  # which come in the order of texts
        return [(arguments, wanted if wanted is Use.ORDER else Use.TEXT)]
    if function == "if":
        return [(arguments[:1], Use.VALUE), (arguments[1:], _handed_on(arguments[1:], wanted))]
    if function in _CHOOSING:
        return [(arguments, _handed_on(arguments, wanted))]
    return [(arguments, Use.ORDER if function in _ORDERING else Use.VALUE)]


def _handed_on(nodes: Iterable[Any], wanted: Use) -> Use:
    """What is done with nodes of which one is the result: what is done with that."""
    return max(_against(nodes, Use.TEXT), wanted)


def _against(nodes: Iterable[Any], use: Use) -> Use:
    """`use` where all that is not a column is a constant text, null, or gives a text."""
    listed = list(nodes)
    columns = sum(isinstance(node, dict) and node.get("class") == "COLUMN_REF" for node in listed)
    if use is Use.EITHER and columns > 1:
        return Use.VALUE
    return use if all(_is_text(node) for node in listed) else Use.VALUE


def _is_text(node: Any) -> bool:
    if not isinstance(node, dict):
        return False
    if node.get("type") == "OPERATOR_COALESCE":
        return all(_is_text(child) for child in node["children"])
    match node.get("class"):
        case "CONSTANT":
            return node["literal"]["kind"] in {"STRING", "NULL_LITERAL"}
        case "FUNCTION":
            arguments = [one["expression"] for one in node["arguments"]]
            function = str(node["function_name"]).lower()
            chosen = arguments[1:] if function == "if" else arguments
            if function in _CHOOSING or function == "if":
                return all(_is_text(one) for one in chosen)
            return function in _GIVING_TEXTS | _READING_TEXTS
        case kind:
            return kind == "COLUMN_REF"


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
    fits = {
        column: [_lossless(fit, column) if use is Use.EITHER else fit for fit in _fits(_trimmed(column), dialect)]
        for column, use in asked.items()
    }
    begins = f"(select * from {relation} limit {_BEGINNING})"
    possible = _fully_fitting(connection, begins, fits)  # what does not fit the beginning cannot fit all
    fitting = _fully_fitting(connection, relation, {column: fit for column, fit in possible.items() if fit})
    typed = {column: (fit[0].value, fit[0].type) for column, fit in fitting.items() if fit}
    for column, use in asked.items():
        if column not in typed and use >= Use.VALUE:
            _refuse_mixed(connection, relation, column, fits[column], dialect, where, mending)
        if column not in typed and use is Use.ORDER:
            _refuse_digits(connection, relation, column, where, mending)
    return typed


def _lossless(fit: Fit, column: str) -> Fit:
    """The type for values that it writes as they are written: 007 and 7 are two texts and one number."""
    return replace(fit, condition=f"({fit.condition}) and lower({_trimmed(column)}) = lower(({fit.value})::varchar)")


def _refuse_digits(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    where: str,
    mending: Callable[[str, str | None], Remedy | None],
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
    remedy = mending(column, None)
    fix = f"read them as numbers or times; {plain_name(column)}::varchar if the order of texts is meant"
    raise DataError(what, where=f"{where}: column {column}", fix=fix if remedy is None else remedy.told)


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
