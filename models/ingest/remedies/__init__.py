"""Remedies for unreadable values, as lines of `tercet.toml`, each tried on the whole column first."""
