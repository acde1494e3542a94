"""Remedies for values that cannot be read, as lines of `tercet.toml`: each is tried on the whole column first."""
