"""Checks a policy's rules against a workspace before anyone is scored: every name, and number against word."""

from collections.abc import Iterator, Mapping, Sequence

from models.errors import WorkspaceError, did_you_mean
from models.features.catalogue import BUILT_IN, every_feature
from models.rows.history import Category, History
from models.scored.fact_columns import FEATURES_PRESENT
from models.scored.scored_customers import NEXT_BEST_ACTION
from models.segments.rules.rule_facts import CHURN_HORIZON, score_columns
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
from models.workspace import POLICY_FILE, Config, Policy, Workspace
from models.workspace.toml_errors import KeyPath, read_toml, wrong_keys

Kind = str | tuple[str, ...] | None
"""What a name stands for: "number", "text", one of these words, or None: known, but not in this workspace."""


def check_policy(workspace: Workspace, history: History) -> None:
    """Raises WorkspaceError naming every rule that is none, uses an unknown name, or mixes numbers and words.

    A feature or score that Tercet knows but this workspace does not have is allowed: the rule holds for nobody.
    """
    names = rule_names(workspace, history)
    mistakes: list[tuple[KeyPath, str]] = []
    for key, rule, hidden in _rules(workspace.policy):
        try:
            check_rule(rule, {name: kind for name, kind in names.items() if name not in hidden})
        except WorkspaceError as error:
            mistakes.append((key, f"{error.what} ({error.fix})" if error.fix else error.what))
    if mistakes:
        path = workspace.policy_file or workspace.directory / POLICY_FILE
        raise wrong_keys(path, read_toml(path)[0] if path.is_file() else "", mistakes)


def rule_names(workspace: Workspace, history: History) -> dict[str, Kind]:
    """Every name that a rule of this workspace may use, and what it stands for."""
    names: dict[str, Kind] = {feature.name: None for feature in BUILT_IN}
    names |= dict.fromkeys((*score_columns("churn"), *score_columns("clv")))
    for name, column in history.profile.items():
        names[name] = "text" if isinstance(column, Category) else "number"
    names |= {feature.name: "number" if feature.kind == "number" else "text" for feature in every_feature(history)}
    for score in scores_of(workspace.config):
        names |= score_columns(score)
    bands = ("high", "medium", "low")
    names |= {name: bands for name, kind in names.items() if name.endswith("_band") and kind is not None}
    return names | {CHURN_HORIZON: "number", FEATURES_PRESENT: "number"} | segment_words(workspace.policy)


def scores_of(config: Config) -> list[str]:
    """The scores that a workspace defines."""
    defined = [name for name, target in (("churn", config.churn), ("clv", config.clv)) if target is not None]
    return defined + [f"upsell.{offer}" for offer in config.upsell]


def segment_words(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The words that each segment which rules may use can be."""
    rfm = (policy.rfm.r5, policy.rfm.r4, policy.rfm.r3, policy.rfm.r2, policy.rfm.r1)
    return {
        "value_tier": tuple(tier.name for tier in policy.value_tiers),
        "rfm": tuple(dict.fromkeys(name for row in rfm for name in row)),
        "value_risk": tuple(dict.fromkeys(policy.value_risk.model_dump().values())),
        "data_sufficiency": tuple(dict.fromkeys(rule.name for rule in policy.data_sufficiency)),
        "lifecycle": tuple(rule.name for rule in policy.lifecycle),
    }


def check_rule(text: str, names: Mapping[str, Kind]) -> None:
    """Raises WorkspaceError unless the rule can be read and means something with these names."""
    rule = read_rule(text)
    for name in sorted(rule.names):
        if name == NEXT_BEST_ACTION and name not in names:
            raise WorkspaceError(f"no rule can ask for {name}: it is what rules lead to (in `{text}`)")
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


def _rules(policy: Policy) -> Iterator[tuple[KeyPath, str, set[str]]]:
    """Each rule with its key, and the segments that are not assigned yet when it is evaluated."""
    for place, stage in enumerate(policy.lifecycle):
        if stage.when is not None:
            yield ("lifecycle", place, "when"), stage.when, {"lifecycle"}
    for name, audience in policy.audiences.items():
        yield ("audiences", name, "when"), audience.when, set()
    for name, action in policy.actions.items():
        if action.when is not None:
            yield ("actions", name, "when"), action.when, set()
    for place, level in enumerate(policy.support_priority.levels):
        if level.when is not None:
            yield ("support_priority", "levels", place, "when"), level.when, set()
