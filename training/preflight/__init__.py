"""`tercet check`: what is wrong with a workspace's data, in coded findings, each with its fix."""

from models.ingest import Ingested
from models.workspace import Workspace
from training.preflight.amounts import amount_findings
from training.preflight.columns import column_findings
from training.preflight.consents import consent_findings
from training.preflight.finding import MEANINGS, Finding
from training.preflight.foreknowledge import foreknowledge_findings
from training.preflight.outcomes import outcome_findings
from training.preflight.rows import row_findings

__all__ = ["MEANINGS", "Finding", "run_preflight"]


def run_preflight(workspace: Workspace, ingested: Ingested) -> tuple[Finding, ...]:
    """Everything that preflight finds, errors first, by code and subject."""
    found = [
        *row_findings(workspace, ingested),
        *column_findings(workspace, ingested),
        *amount_findings(ingested.history),
        *outcome_findings(workspace, ingested),
        *foreknowledge_findings(workspace, ingested),
        *consent_findings(workspace, ingested.history),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.severity, finding.code, finding.subject)))
