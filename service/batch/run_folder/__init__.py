"""The folder of a run: its job, its work files, and the parts written to it."""
