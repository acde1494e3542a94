"""The database: engine, locks, change tokens."""
