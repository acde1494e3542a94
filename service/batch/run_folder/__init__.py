"""The folder of a run: its job, its work files, and blocks written to it."""
