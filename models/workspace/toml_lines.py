"""Lines of `tercet.toml` that are valid as they stand."""

import json
import re
from collections.abc import Mapping
from typing import Any


def setting(section: str, values: Mapping[str, Any]) -> str:
    """Keys of a section.

    >>> print(setting("upsell.big", {"positive": 'the "yes"', "amount": 5, "exclude": ["a", "b"]}))
    [upsell.big]
    positive = 'the "yes"'
    amount = 5
    exclude = ["a", "b"]
    """
    return "\n".join([f"[{section}]", *(f"{_key(key)} = {_value(value)}" for key, value in values.items())])


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _value(value: Any) -> str:
    match value:
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(_value(item) for item in value)}]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
        case _:
            return json.dumps(value)


def _text(value: str) -> str:
    """In the quotes that need no escapes, if there are any; else as JSON, which is TOML, too."""
    escaped = json.dumps(value, ensure_ascii=not value.isprintable())
    if not value.isprintable() or escaped == f'"{value}"':
        return escaped
    if "'" not in value:
        return f"'{value}'"
    return escaped if "'''" in value or value.endswith("'") or value.startswith("'") else f"'''{value}'''"
