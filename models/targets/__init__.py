"""Targets: what is predicted, for which customers, and their outcomes."""
