"""SQL quoting of names and values, so that no content can end the literal."""

from typing import Any

from models.errors import DataError

BLANKS = "' \t\r\n'"
"""What is trimmed from texts: an argument of SQL's `trim`."""


def name(identifier: str) -> str:
    """A quoted identifier.

    >>> name('a "b" c')
    '"a ""b"" c"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A text, number, truth, list or mapping as DuckDB writes it.

    >>> literal({"delim": ";", "skip": [1, True]})
    "{'delim': ';', 'skip': [1, true]}"
    """
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case list():
            return f"[{', '.join(literal(item) for item in value)}]"
        case dict():
            return "{" + ", ".join(f"{literal(str(key))}: {literal(item)}" for key, item in value.items()) + "}"
        case _:
            raise DataError(f"{value!r} is no text, number, truth, list or table", fix="see `read` in tercet.toml")
