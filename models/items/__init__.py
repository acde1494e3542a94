"""Items: one customer's part of the answer of /v1/scores and row of a batch file: its fields, and its JSON."""
