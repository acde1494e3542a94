"""Buy till you die: how often and for how much customers buy who may leave unseen, from their purchases alone."""
