"""Tables staged in DuckDB, each row converted or told why not."""
