"""The feature matrix with its column names and vocabularies."""
