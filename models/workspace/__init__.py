"""A user's workspace: `tercet.toml` and `policy.toml`, read and checked."""

from models.workspace.policy_toml import (
    Audience,
    Bands,
    Hygiene,
    Policy,
    RfmTable,
    ValueRisk,
    ValueTier,
)
from models.workspace.segment_rule import SegmentRule
from models.workspace.sensitive_section import Sensitive
from models.workspace.tercet_toml import (
    Business,
    ChurnTarget,
    ClvTarget,
    Config,
    Consent,
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
