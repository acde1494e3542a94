"""Checks of a policy before it is used: warnings, reach, comparison."""
