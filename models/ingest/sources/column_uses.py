"""Column uses: whether an SQL expression passes a text column on unchanged, or compares and computes with it.

A column that is only handed on as a text stays one. One that is compared, counted with or put in order needs values of
a type (`models.ingest.sources.column_types`).
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any

import duckdb

from models.ingest.sources.parsed_expressions import parsed

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
_CHOOSING = frozenset({"ifnull", "nullif", "coalesce"})
_EQUALITIES = frozenset(
    {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM", "COMPARE_IN"}
    | {"COMPARE_NOT_IN"}
)


class ColumnUse(IntEnum):
    """What an expression does with a column. TEXT: it needs a text. EITHER: it compares it with a constant that is
    written as a text, or against other rows for equality, which can be done to a text and to a value. VALUE: it needs a
    number, a time or a truth. ORDER: it asks which of two comes first.
    """

    TEXT = 0
    EITHER = 1
    VALUE = 2
    ORDER = 3


def column_uses(
    connection: duckdb.DuckDBPyConnection, columns: Iterable[str], condition: str | None
) -> dict[str, ColumnUse]:
    """By column, without heed of case, what the expressions under `columns` and the condition `where` do with it.

    A column that one needs as a text, and another compares with a text, is a text for both.
    """
    found: dict[str, set[ColumnUse]] = {}
    parts = [(expression, ColumnUse.TEXT) for expression in columns]
    parts += [(condition, ColumnUse.VALUE)] if condition else []
    for expression, wanted in parts:
        for column, use in _uses(parsed(connection, expression), wanted):
            found.setdefault(column, set()).add(use)
    return {
        column: ColumnUse.TEXT if of == {ColumnUse.TEXT, ColumnUse.EITHER} else max(of) for column, of in found.items()
    }


def _uses(node: Any, wanted: ColumnUse) -> Iterator[tuple[str, ColumnUse]]:
    """Each column below a node with what is done with it. wanted: what is done with the node itself."""
    if isinstance(node, list):
        for item in node:
            yield from _uses(item, wanted)
    elif isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        yield node["column_names"][-1].casefold(), wanted
    elif isinstance(node, dict):
        for part, use in _parts(node, wanted):
            yield from _uses(part, use)


def _parts(node: Mapping[str, Any], wanted: ColumnUse) -> list[tuple[Any, ColumnUse]]:
    """The parts of a node, each with what the node does with it. wanted: what is done with the node itself."""
    kind, type_ = node.get("class"), str(node.get("type", ""))
    if kind == "CAST" or type_ in {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}:
        return [(node.get("child"), ColumnUse.TEXT), (node.get("children"), ColumnUse.TEXT)]
    if type_ in _EQUALITIES:
        sides = node["children"] if "children" in node else [node["left"], node["right"]]
        return [(sides, _against(sides, ColumnUse.EITHER))]
    if type_ in _ORDERS:
        return [([item for item in node.values() if isinstance(item, dict | list)], ColumnUse.ORDER)]
    if type_ == "OPERATOR_COALESCE":
        return [(node["children"], _handed_on(node["children"], wanted))]
    match kind:
        case "FUNCTION":
            arguments = [one["expression"] for one in node["arguments"]]
            parts = _function_parts(str(node["function_name"]).lower(), arguments, wanted)
            parts += [(node.get("order_bys"), ColumnUse.ORDER), (node.get("filter"), ColumnUse.VALUE)]
        case "WINDOW":
            of = ColumnUse.ORDER if str(node.get("function_name")).lower() in _ORDERING else ColumnUse.VALUE
            rest = [item for key, item in node.items() if key not in {"partitions", "orders"}]
            parts = [(node.get("partitions"), ColumnUse.EITHER), (node.get("orders"), ColumnUse.ORDER), (rest, of)]
        case "CASE":
            results = [check["then_expr"] for check in node["case_checks"]] + [node["else_expr"]]
            conditions = [check["when_expr"] for check in node["case_checks"]]
            parts = [(conditions, ColumnUse.VALUE), (results, _handed_on(results, wanted))]
        case _:
            parts = [(list(node.values()), max(wanted, ColumnUse.VALUE))]
    return parts


def _function_parts(function: str, arguments: list[Any], wanted: ColumnUse) -> list[tuple[Any, ColumnUse]]:
    if function in _READING_TEXTS:
        return [(arguments, ColumnUse.TEXT)]
    if function in _GIVING_TEXTS:  # which come in the order of texts
        return [(arguments, wanted if wanted is ColumnUse.ORDER else ColumnUse.TEXT)]
    if function == "if":
        return [(arguments[:1], ColumnUse.VALUE), (arguments[1:], _handed_on(arguments[1:], wanted))]
    if function in _CHOOSING:
        return [(arguments, _handed_on(arguments, wanted))]
    return [(arguments, ColumnUse.ORDER if function in _ORDERING else ColumnUse.VALUE)]


def _handed_on(nodes: Iterable[Any], wanted: ColumnUse) -> ColumnUse:
    """What is done with nodes of which one is the result: what is done with that."""
    return max(_against(nodes, ColumnUse.TEXT), wanted)


def _against(nodes: Iterable[Any], use: ColumnUse) -> ColumnUse:
    """`use` where all that is not a column is a constant text, null, or gives a text."""
    listed = list(nodes)
    columns = sum(isinstance(node, dict) and node.get("class") == "COLUMN_REF" for node in listed)
    if use is ColumnUse.EITHER and columns > 1:
        return ColumnUse.VALUE
    return use if all(_is_text(node) for node in listed) else ColumnUse.VALUE


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
