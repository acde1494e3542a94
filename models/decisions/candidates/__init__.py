"""Candidates: pairs of action and channel, proposed or rejected, with stage and reason."""
