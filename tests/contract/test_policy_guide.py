"""The guide to policies says what the code does: its blocks are one policy, its table has every key and default."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from models.ingest import read_history
from models.segments.policy_rules import check_policy
from models.workspace import POLICY_FILE, Policy, load_workspace
from models.workspace.actions import Action, ContextKey, Exclusion
from models.workspace.contact_policy import Channel
from training.example_shop.shop_tables import write_example_shop
from training.workspace_template import new_workspace
from training.workspace_template.new_workspace import write_workspace

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "writing-a-policy.md").read_text(encoding="utf-8")
POLICY = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
OF_ACTIONS = ("money", "contact_policy", "suppression", "experiment", "run", "support_priority")
NAMED: dict[str, type[BaseModel]] = {
    "channels.<name>": Channel,
    "actions.<name>": Action,
    "exclusions": Exclusion,
    "context.<key>": ContextKey,
}


def told_defaults() -> dict[str, str]:
    rows = re.findall(r"^\| `([a-z_.<>]+)` \| (.*?) ?\|", PAGE.split("## Every key")[1], re.MULTILINE)
    return dict(rows)


def defaults() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section, model in (*((name, type(getattr(Policy(), name))) for name in OF_ACTIONS), *NAMED.items()):
        for name, field in model.model_fields.items():
            found[f"{section}.{name}"] = field.get_default(call_default_factory=True)
    return found


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.model_dump(exclude_none=True) if isinstance(value, BaseModel) else value


def test_the_blocks_are_together_a_policy_for_the_example_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_workspace, "write_example_shop", lambda to: write_example_shop(to, customers=40))
    write_workspace(tmp_path / "shop", example="shop")
    (tmp_path / "shop" / POLICY_FILE).write_text(POLICY)
    workspace = load_workspace(tmp_path / "shop")
    check_policy(workspace, read_history(workspace).history)
    policy = workspace.policy
    assert set(policy.actions) == {"retention_call", "discount_email", "big_basket_email"}
    assert {action.value for action in policy.actions.values()} == {"retention", "purchase", "offer"}
    assert {*OF_ACTIONS, "channels", "actions", "exclusions", "context", "levers"} <= policy.model_fields_set


def test_every_key_is_in_the_table_with_its_default() -> None:
    told = told_defaults()
    assert set(told) == {*defaults(), "levers.<action>"}
    for key, default in defaults().items():
        if key == "support_priority.levels":
            continue
        if default is PydanticUndefined:
            assert told[key] == "needed", key
        elif default is None:
            assert told[key] == "", key
        else:
            assert json.loads(told[key]) == plain(default), key


def test_the_example_of_a_worth_adds_up() -> None:
    for order, worth in ((80, 0.88), (40, 0.04)):
        change = 0.3 * 0.20
        assert change * 0.35 * order - 0.02 - 3 * (0.20 + change) == pytest.approx(worth, abs=0.005)
        assert f"{worth}" in PAGE
