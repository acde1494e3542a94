"""Remedy for unreadable values: an explanation, and lines of `tercet.toml` that can be pasted as they are."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Remedy:
    """text: what to do, in words. toml: the lines of `tercet.toml` that do it, which take the place of those that are
    there for the same keys; "" where no line does.
    """

    text: str
    toml: str = ""

    @property
    def told(self) -> str:
        """The words, with the lines below them."""
        lines = "".join(f"\n    {line}" for line in self.toml.splitlines())
        return f"{self.text}:{lines}" if lines else self.text


def combined_remedy(remedies: Sequence[Remedy]) -> Remedy:
    """Several remedies as one: each section of `tercet.toml` once, each line once.

    >>> first = Remedy("a", "[x]\\nread = 1\\n# or: read = 2")
    >>> both = combined_remedy([first, Remedy("b", "[x]\\nread = 1\\nwhere = 3")])
    >>> print(both.told)
    a; b:
        [x]
        read = 1
        # or: read = 2
        where = 3
    """
    sections: dict[str, dict[str, None]] = {}
    for remedy in remedies:
        section = ""
        for line in remedy.toml.splitlines():
            section = line if line.startswith("[") else section
            sections.setdefault(section, {})[line] = None
    lines = [line for section in sections.values() for line in section]
    return Remedy("; ".join(dict.fromkeys(remedy.text for remedy in remedies)), "\n".join(lines))


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
