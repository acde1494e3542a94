"""Training report: one self-contained HTML page for the people who will use the scores."""
