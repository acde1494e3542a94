"""Preflight run: all findings in order; for an unreadable table only that it is unreadable."""

from models.ingest import Ingested
from models.workspace import Workspace
from training.findings.finding import Finding
from training.preflight.amount_findings import amount_findings
from training.preflight.column_findings import column_findings
from training.preflight.consent_findings import consent_findings, stray_consents
from training.preflight.id_findings import id_findings
from training.preflight.leak_findings import leak_findings
from training.preflight.row_findings import row_findings
from training.preflight.stray_word_findings import stray_findings
from training.preflight.target_findings import target_findings

CODES_OF_CONTENT = frozenset({"W201", "W202", "E501"})
"""Findings about what a column holds: they wait until it can be read."""


def run_preflight(workspace: Workspace, ingested: Ingested) -> tuple[Finding, ...]:
    """Everything that preflight finds, errors first, by code and subject."""
    strays = tuple(stray_findings(workspace, ingested))
    stray_columns = {("W205", f"{table}.{stray.column}") for table, of in ingested.strays.items() for stray in of}
    findings = [
        *strays,
        *row_findings(workspace, ingested),
        *column_findings(workspace, ingested),
        *id_findings(workspace, ingested),
        *amount_findings(workspace, ingested),
        *target_findings(workspace, ingested),
        *leak_findings(workspace, ingested),
        *consent_findings(workspace, ingested.history),
        *stray_consents(workspace, ingested),
    ]
    unread = _unread(ingested)
    reported = [
        finding
        for finding in findings
        if (finding.code, finding.subject) not in stray_columns
        and not (finding.code in CODES_OF_CONTENT and unread & {finding.subject, finding.subject.split(".")[0]})
    ]
    return tuple(sorted(reported, key=lambda finding: (finding.severity, finding.code, finding.subject)))


def _unread(ingested: Ingested) -> frozenset[str]:
    """The columns, and the tables, of which much could not be read and there is a remedy."""
    mendable = [rejection for rejection in ingested.rejections if rejection.remedy is not None]
    columns = {
        f"{rejection.table}.{rejection.reason.removeprefix('unreadable ')}"
        for rejection in mendable
        if "unreadable" in rejection.reason
    }
    return frozenset(columns | {rejection.table for rejection in mendable if rejection.reason == "broken line"})
