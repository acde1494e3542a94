"""SQL as ingest writes it, and the DuckDB session that runs it."""
