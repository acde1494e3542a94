"""TOML errors: a mistake in a file as a WorkspaceError that names file, line, key and the nearest valid key."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from models.errors import WorkspaceError, did_you_mean

KeyPath = tuple[str | int, ...]

_PART = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=(.*)$")
_INLINE_KEY = re.compile(rf"[{{,]\s*({_PART})\s*=")


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and what it says. Raises WorkspaceError with the line of a syntax error."""
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise WorkspaceError("is not UTF-8 text", where=str(path), fix="save it as UTF-8") from error
    except OSError as error:
        raise WorkspaceError(f"cannot be read ({error.strerror})", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}, line {line[1]}" if line else str(path)
        raise WorkspaceError(
            f"is not TOML: {error}", where=where, fix="see https://toml.io for how values are written"
        ) from error


def explain(
    error: ValidationError, path: Path, text: str, data: Mapping[str, Any], model: type[BaseModel]
) -> WorkspaceError:
    """Every mistake that pydantic found, each with its line, key and the nearest valid key."""
    messages: dict[KeyPath, str] = {}
    for mistake in error.errors(include_url=False):
        key, message = _describe(mistake, data, model)
        messages.setdefault(key, message)
    return wrong_keys(path, text, list(messages.items()))


def wrong_keys(path: Path, text: str, mistakes: Sequence[tuple[KeyPath, str]]) -> WorkspaceError:
    """One WorkspaceError for these mistakes: (path of the key, what is wrong with it)."""
    lines = key_lines(text)
    located = [(_line(key, lines), key, message) for key, message in mistakes]
    in_order = sorted(located, key=lambda mistake: mistake[0] or len(text))
    words = [f"`{_written(key)}` {message}" if key else message for _, key, message in in_order]
    first = in_order[0][0]
    where = f"{path}, line {first}" if first else str(path)
    rest = [
        f"line {line}: {word}" if line else word for (line, _, _), word in zip(in_order[1:], words[1:], strict=True)
    ]
    return WorkspaceError("\n  ".join([words[0], *rest]), where=where)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line of every section and key, found by a small scan: `{("churn", "horizon_days"): 12, …}`."""
    lines: dict[KeyPath, int] = {}
    section: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _parts(header[2])
            for length in range(1, len(section) + 1):
                lines.setdefault(section[:length], number)
            if header[1] == "[[":
                counts[section] = counts.get(section, -1) + 1
                section = (*section, counts[section])
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            path = section + _parts(key[1])
            lines.setdefault(path, number)
            for inner in _INLINE_KEY.findall(key[2]):
                lines.setdefault(path + _parts(inner), number)
    return lines


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _line(key: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    known = (key[:length] for length in range(len(key), 0, -1))
    return next((lines[prefix] for prefix in known if prefix in lines), 0)


def _written(key: KeyPath) -> str:
    return ".".join(str(part) for part in key)


def _describe(mistake: Any, data: Mapping[str, Any], model: type[BaseModel]) -> tuple[KeyPath, str]:
    location: KeyPath = tuple(mistake["loc"])
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind == "missing":
        return location, "is missing"
    key = tuple(_present(location, data))
    if kind == "extra_forbidden":
        valid = tuple(_valid_keys(model, key[:-1]))
        return key, f"is not a known key{did_you_mean(str(key[-1]), valid)} (valid here: {', '.join(valid)})"
    if kind == "literal_error":
        valid = tuple(re.findall(r"'([^']*)'", context["expected"]))
        wrong = key[-1] if location[-1] == "[key]" else mistake["input"]
        return key, f"cannot be {wrong!r}{did_you_mean(str(wrong), valid)} (valid: {', '.join(valid)})"
    if kind == "string_pattern_mismatch" and context["pattern"].startswith("^[a-z]["):
        return key, f"{mistake['input']!r} is no name: a small letter, then small letters, digits and _, 41 at most"
    message = mistake["msg"].removeprefix("Value error, ")
    return key, message if kind == "value_error" else f"{message[0].lower()}{message[1:]} (is {mistake['input']!r})"


def _present(location: KeyPath, data: Any) -> Iterator[str | int]:
    """The part of pydantic's location that is in the file; pydantic adds tags of its own."""
    for part in location:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
        yield part


def _valid_keys(model: type[BaseModel], key: KeyPath) -> Iterator[str]:
    annotation: Any = model
    for part in key:
        sections = _sections(annotation)
        fields = sections[0].model_fields if sections else {}
        annotation = fields[str(part)].annotation if str(part) in fields else annotation
    for section in _sections(annotation):
        yield from section.model_fields


def _sections(annotation: Any) -> list[type[BaseModel]]:
    """The section classes that an annotation such as `dict[str, Offer]` or `Offer | None` is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [section for inner in get_args(annotation) for section in _sections(inner)]
