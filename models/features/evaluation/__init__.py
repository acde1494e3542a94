"""A program evaluated on a history: the plan, the columns laid out, the matrix."""
