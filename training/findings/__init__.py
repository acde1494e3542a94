"""Coded findings for people to read before scores are used: one class, and the codes of each area."""
