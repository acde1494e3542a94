"""Actions as candidates for customers, and what became of each."""
