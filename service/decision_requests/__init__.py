"""A request for decisions: decided, logged, then answered."""
