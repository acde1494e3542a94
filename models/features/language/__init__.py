"""The feature language: expressions, feature specifications, and the available columns."""
