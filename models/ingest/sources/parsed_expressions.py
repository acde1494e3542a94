"""SQL expressions as DuckDB parses them: the columns they name, and whether they put decimal points into texts."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb


def parsed(connection: duckdb.DuckDBPyConnection, expression: str) -> Any:
    """The expression as DuckDB parses it; empty where it cannot: computing it raises the error."""
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
