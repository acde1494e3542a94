"""A user's workspace: `tercet.toml` and `policy.toml`, read and checked."""

from models.workspace.policy_toml import Policy
from models.workspace.segment_sections import Audience, Bands, Hygiene, RfmTable, SegmentRule, ValueRisk, ValueTier
from models.workspace.tercet_toml import (
    Business,
    ChurnTarget,
    ClvTarget,
    Config,
    Consent,
    Sensitive,
    TableSource,
    TrainingSettings,
    UpsellTarget,
    label_columns,
)
from models.workspace.workspace_files import POLICY_FILE, Workspace, load_workspace, with_policy, without_policy

__all__ = [
    "POLICY_FILE",
    "Audience",
    "Bands",
    "Business",
    "ChurnTarget",
    "ClvTarget",
    "Config",
    "Consent",
    "Hygiene",
    "Policy",
    "RfmTable",
    "SegmentRule",
    "Sensitive",
    "TableSource",
    "TrainingSettings",
    "UpsellTarget",
    "ValueRisk",
    "ValueTier",
    "Workspace",
    "label_columns",
    "load_workspace",
    "with_policy",
    "without_policy",
]
