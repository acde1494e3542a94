"""`tercet check`: what is wrong with a workspace's data, in coded findings, each with its fix."""

from models.ingest import Ingested
from models.workspace import Workspace
from training.preflight.amount_findings import amount_findings
from training.preflight.column_findings import column_findings
from training.preflight.combined_fixes import shared_lines
from training.preflight.consent_findings import consent_findings, consent_line
from training.preflight.foreknowledge_findings import foreknowledge_findings
from training.preflight.id_findings import id_findings
from training.preflight.preflight_findings import MEANINGS, Finding
from training.preflight.row_findings import row_findings
from training.preflight.stray_word_findings import stray_findings
from training.preflight.target_findings import outcome_findings

__all__ = ["MEANINGS", "Finding", "consent_line", "run_preflight", "shared_lines"]


_OF_WHAT_WAS_READ = frozenset({"W201", "W202", "E501"})
"""Findings about what a column holds: they wait until it can be read."""


def _unread(ingested: Ingested) -> frozenset[str]:
    """The columns, and the tables, of which much could not be read and there is a remedy."""
    mendable = [one for one in ingested.rejections if one.remedy is not None]
    columns = {
        f"{one.table}.{one.reason.removeprefix('unreadable ')}" for one in mendable if "unreadable" in one.reason
    }
    return frozenset(columns | {one.table for one in mendable if one.reason == "broken line"})


def run_preflight(workspace: Workspace, ingested: Ingested) -> tuple[Finding, ...]:
    """Everything that preflight finds, errors first, by code and subject."""
    strays = tuple(stray_findings(workspace, ingested))
    words_by_stray = {("W205", f"{table}.{one.column}") for table, of in ingested.strays.items() for one in of}
    found = [
        *strays,
        *row_findings(workspace, ingested),
        *column_findings(workspace, ingested),
        *id_findings(workspace, ingested),
        *amount_findings(workspace, ingested),
        *outcome_findings(workspace, ingested),
        *foreknowledge_findings(workspace, ingested),
        *consent_findings(workspace, ingested.history),
    ]
    unread = _unread(ingested)
    found = [
        finding
        for finding in found
        if (finding.code, finding.subject) not in words_by_stray
        and not (
            finding.code in _OF_WHAT_WAS_READ
            and not unread.isdisjoint({finding.subject, *finding.subject.split(".")[:1]})
        )
    ]
    return tuple(sorted(found, key=lambda finding: (finding.severity, finding.code, finding.subject)))
