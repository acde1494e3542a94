"""The commands of `tercet` that serve, score, decide and report."""
