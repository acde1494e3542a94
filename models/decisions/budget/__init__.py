"""Budget allocation over a whole run."""
