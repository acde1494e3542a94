"""Tables staged in DuckDB: each row converted, or rejected with its reason."""
