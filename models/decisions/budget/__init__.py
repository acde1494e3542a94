"""Choices of a whole run under its budgets."""
