"""The built-in features, one file a family."""
