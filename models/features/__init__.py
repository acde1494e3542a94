"""Features: what one is (`specification`), which exist (`catalogue`, one file a family), how they are computed."""
