"""SQL that ingest writes, and the DuckDB session that runs it."""
