"""Features: their specification, their catalogue (one file a family), and how they are computed."""
