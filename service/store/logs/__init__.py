"""Append-only logs: events, consents, decisions, feedback."""
