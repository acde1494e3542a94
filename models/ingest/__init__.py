"""Reads the raw tables of a workspace, or the rows of one request, into the encoded history."""

from models.ingest.clock import resolve_as_of, wall_clock
from models.ingest.columns.ingest_account import REASONS, Ingested, RejectedRows, SourceDigest
from models.ingest.overlay.request_rows import history_from_rows
from models.ingest.read_tables import read_history

__all__ = [
    "REASONS",
    "Ingested",
    "RejectedRows",
    "SourceDigest",
    "history_from_rows",
    "read_history",
    "resolve_as_of",
    "wall_clock",
]
