"""Rule check: every name that a rule uses exists, and no number is compared with a word."""

from collections.abc import Mapping, Sequence

from models.errors import WorkspaceError, did_you_mean
from models.segments.rules.rule_language import (
    Among,
    Arithmetic,
    Compare,
    Literally,
    Name,
    Value,
    comparisons,
    read_rule,
)

Kind = str | tuple[str, ...] | None
"""The kind of a name: "number", "text", one of these words, or None: known, but not in this workspace."""


def check_rule(text: str, names: Mapping[str, Kind], not_in_rules: Mapping[str, str]) -> None:
    """Raises WorkspaceError unless the rule can be read and means something with these names.

    not_in_rules: names that no rule can use, unless they are among `names`, each with the reason.
    """
    rule = read_rule(text)
    for name in sorted(rule.names):
        if name in not_in_rules and name not in names:
            raise WorkspaceError(f"no rule can ask for {name}: {not_in_rules[name]} (in `{text}`)")
        if name not in names:
            unknown = f"asks for {name!r}, which is no feature, score, segment or attribute"
            raise WorkspaceError(f"{unknown}{did_you_mean(name, names)} (in `{text}`)")
    for condition in comparisons(rule.condition):
        match condition:
            case Compare(comparison, left, right):
                _agree(text, comparison, [left, right], names)
            case Among(value, choices):
                _agree(text, "==", [value, *(Literally(choice) for choice in choices)], names)
            case _:
                _agree(text, "==", [condition.value], names)


def _agree(text: str, comparison: str, sides: Sequence[Value], names: Mapping[str, Kind]) -> None:
    for side in sides:
        _only_numbers_inside(text, side, names)
    kinds = [_kind(side, names) for side in sides]
    known = {"text" if isinstance(kind, tuple) else kind for kind in kinds if kind is not None}
    if len(known) > 1:
        raise WorkspaceError(
            f"compares a number with a word (in `{text}`)", fix="words stand in quotes, numbers do not"
        )
    if "text" in known and comparison not in {"==", "!="}:
        raise WorkspaceError(f"words have no size, `{comparison}` cannot compare them (in `{text}`)")
    for allowed in (kind for kind in kinds if isinstance(kind, tuple)):
        _check_words(text, [side.value for side in sides if isinstance(side, Literally)], allowed)


def _check_words(text: str, words: Sequence[float | str], allowed: tuple[str, ...]) -> None:
    for word in words:
        if word not in allowed:
            raise WorkspaceError(
                f"{word!r} never comes up there{did_you_mean(str(word), allowed)} (in `{text}`)",
                fix=f"one of {', '.join(allowed)}",
            )


def _only_numbers_inside(text: str, value: Value, names: Mapping[str, Kind]) -> None:
    if isinstance(value, Arithmetic):
        for side in (value.left, value.right):
            if _kind(side, names) not in {"number", None}:
                raise WorkspaceError(f"calculates with a word (in `{text}`)")
            _only_numbers_inside(text, side, names)


def _kind(value: Value, names: Mapping[str, Kind]) -> Kind:
    match value:
        case Name(name):
            return names[name]
        case Literally(str()):
            return "text"
        case _:
            return "number"
