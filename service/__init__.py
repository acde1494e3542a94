"""Scoring and deciding over HTTP and in batch files; depends on `models`, never on `training`."""
