"""Workspace files: reads `tercet.toml` and `policy.toml`."""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from models.errors import WorkspaceError
from models.workspace.policy_toml import Policy
from models.workspace.tercet_toml import Config
from models.workspace.toml_consistency import config_disagreements, policy_disagreements
from models.workspace.toml_errors import explain, read_toml, wrong_keys
from models.workspace.toml_section import Section

POLICY_FILE = "policy.toml"
AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True)
class Workspace:
    """A folder with a user's tables and definitions.

    name: `[business] name`, or the folder's name in small letters; models are registered as `tercet-<name>`.
    policy_version: the first 12 hexadecimal digits of the SHA-256 of what the policy says, defaults included.
    policy_file: what the policy was read from, or would be if it were there: the folder's `policy.toml` if None.
    """

    directory: Path
    name: str
    config: Config
    policy: Policy
    policy_version: str
    policy_file: Path | None = None


def load_workspace(directory: Path) -> Workspace:
    """The workspace in this folder. Raises WorkspaceError naming file, line, key and the nearest valid key."""
    workspace = without_policy(directory)
    path = workspace.directory / POLICY_FILE
    return with_policy(workspace, path) if path.is_file() else workspace


def without_policy(directory: Path) -> Workspace:
    """The workspace as its `tercet.toml` has it, with the default policy. Raises WorkspaceError."""
    directory = directory.resolve()
    if not directory.is_dir():
        raise WorkspaceError("there is no such folder", where=str(directory), fix=f"tercet init {directory}")
    path = directory / "tercet.toml"
    if not path.is_file():
        below = sorted(found.parent for found in directory.glob("*/tercet.toml"))
        fix = f"--workspace {below[0]}" if below else f"tercet init {directory}"
        if len(below) > 1:
            fix += f" (or {', '.join(folder.name for folder in below[1:4])})"
        raise WorkspaceError("no tercet.toml in this folder", where=str(directory), fix=fix)
    text, data = read_toml(path)
    config = _validated(Config, path, text, data)
    if wrong := list(config_disagreements(config)):
        raise wrong_keys(path, text, wrong)
    policy = Policy()
    return Workspace(directory, config.business.name or _slug(directory.name), config, policy, _version(policy))


def with_policy(workspace: Workspace, path: Path) -> Workspace:
    """The workspace under the policy of another file. Raises WorkspaceError if that is wrong or does not fit it."""
    text, data = read_toml(path)
    policy = _validated(Policy, path, text, data)
    if wrong := list(policy_disagreements(policy, workspace.config)):
        raise wrong_keys(path, text, wrong)
    return replace(workspace, policy=policy, policy_version=_version(policy), policy_file=path)


def _version(policy: Policy) -> str:
    canonical = json.dumps(policy.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _validated(model: type[AnySection], path: Path, text: str, data: dict[str, Any]) -> AnySection:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise explain(error, path, text, data, model) from error


def _slug(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-") or "workspace"
