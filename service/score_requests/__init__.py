"""A request for scores, from its items to its answer."""
