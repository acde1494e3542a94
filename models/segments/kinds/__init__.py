"""The segmentations, one file a kind."""
