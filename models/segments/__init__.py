"""Segments: who is valuable, at risk, new or lapsed, by rules that stand in `policy.toml` and nowhere else."""
