"""The report of a training: one HTML page that needs nothing else, for the people who will use the scores."""
