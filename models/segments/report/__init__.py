"""Segment report: key figures of segments, migration between them, and hygiene checks."""
