"""Policy rules: checks them against a workspace before anyone is scored."""

from collections.abc import Iterator

from models.errors import WorkspaceError
from models.features.catalogue import BUILT_IN, every_feature
from models.rows.history import Category, History
from models.scored.fact_columns import FEATURES_PRESENT
from models.segments.kinds.all_kinds import SEGMENTATIONS, hidden_from, words_in_rules
from models.segments.rules.rule_check import Kind, check_rule
from models.segments.rules.rule_facts import CHURN_HORIZON, score_columns
from models.workspace import POLICY_FILE, Config, Policy, Workspace
from models.workspace.toml_errors import KeyPath, read_toml, wrong_keys


def check_policy(workspace: Workspace, history: History) -> None:
    """Raises WorkspaceError naming every rule that is invalid, uses an unknown name, or mixes numbers and words.

    A known feature or score that this workspace does not have is allowed: the rule holds for nobody.
    """
    names = rule_names(workspace, history)
    not_in_rules = {
        segmentation.name: segmentation.not_in_rules for segmentation in SEGMENTATIONS if segmentation.not_in_rules
    }
    mistakes: list[tuple[KeyPath, str]] = []
    for key, rule, hidden in _rules(workspace.policy):
        try:
            check_rule(rule, {name: kind for name, kind in names.items() if name not in hidden}, not_in_rules)
        except WorkspaceError as error:
            mistakes.append((key, f"{error.what} ({error.fix})" if error.fix else error.what))
    if mistakes:
        path = workspace.policy_file or workspace.directory / POLICY_FILE
        raise wrong_keys(path, read_toml(path)[0] if path.is_file() else "", mistakes)


def rule_names(workspace: Workspace, history: History) -> dict[str, Kind]:
    """Every name that a rule of this workspace may use, and what it means."""
    names: dict[str, Kind] = {feature.name: None for feature in BUILT_IN}
    names |= dict.fromkeys((*score_columns("churn"), *score_columns("clv")))
    for name, column in history.profile.items():
        names[name] = "text" if isinstance(column, Category) else "number"
    names |= {feature.name: "number" if feature.kind == "number" else "text" for feature in every_feature(history)}
    for score in scores_of(workspace.config):
        names |= score_columns(score)
    bands = ("high", "medium", "low")
    names |= {name: bands for name, kind in names.items() if name.endswith("_band") and kind is not None}
    return names | {CHURN_HORIZON: "number", FEATURES_PRESENT: "number"} | words_in_rules(workspace.policy)


def scores_of(config: Config) -> list[str]:
    """The scores that a workspace defines."""
    defined = [name for name, target in (("churn", config.churn), ("clv", config.clv)) if target is not None]
    return defined + [f"upsell.{offer}" for offer in config.upsell]


def _rules(policy: Policy) -> Iterator[tuple[KeyPath, str, set[str]]]:
    """Each rule with its key, and the segmentations that are not assigned yet when it is evaluated."""
    for segmentation in SEGMENTATIONS:
        hidden = hidden_from(segmentation)
        for key, rule in segmentation.rules(policy):
            yield key, rule, hidden
    for name, action in policy.actions.items():
        if action.when is not None:
            yield ("actions", name, "when"), action.when, set()
    for number, level in enumerate(policy.support_priority.levels):
        if level.when is not None:
            yield ("support_priority", "levels", number, "when"), level.when, set()
