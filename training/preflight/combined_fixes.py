"""The lines of `tercet.toml` that several fixes change: each with all of them."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from models.rows.tables import TableName
from models.workspace import Workspace
from models.workspace.toml_lines import setting
from training.preflight.preflight_findings import Finding

Line = tuple[TableName, str]


def shared_lines(workspace: Workspace, findings: Iterable[Finding]) -> str:
    """The `where` and `exclude` of tables that more than one finding changes, as TOML; "" if there are none."""
    proposed: dict[Line, list[Any]] = defaultdict(list)
    for finding in findings:
        for table, values in _tables(finding.change).items():
            for key in {"where", "exclude"} & values.keys():
                proposed[table, key].append(values[key])
    sections: dict[TableName, dict[str, Any]] = defaultdict(dict)
    for (table, key), lines in proposed.items():
        if len(lines) > 1:
            before = workspace.config.tables[table].where
            sections[table][key] = _all(before, lines) if key == "where" else _united(lines)
    return "\n".join(setting(f"tables.{table}", values) for table, values in sections.items())


def _tables(change: str) -> Mapping[TableName, Mapping[str, Any]]:
    tables: Mapping[TableName, Mapping[str, Any]] = tomllib.loads(change).get("tables", {})
    return tables


def _united(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items))


def _all(before: str | None, conditions: Iterable[str]) -> str:
    """Every condition, once, after the one that stands there already."""
    prefix = f"({before}) and " if before else ""
    return prefix + " and ".join(dict.fromkeys(condition.removeprefix(prefix) for condition in conditions))
