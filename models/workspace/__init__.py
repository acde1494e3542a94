"""A user's workspace: `tercet.toml` and `policy.toml`, read and checked."""

from models.workspace.config import (
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
from models.workspace.policy import (
    Audience,
    Bands,
    Hygiene,
    Policy,
    RfmTable,
    ValueRisk,
    ValueTier,
)
from models.workspace.reading import Workspace, load_workspace
from models.workspace.segment_rule import SegmentRule
from models.workspace.sensitive import Sensitive

__all__ = [
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
]
