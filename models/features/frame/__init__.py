"""The matrix of features with its column names and vocabularies."""
