"""The database: engine, concurrent writes, change tokens."""
