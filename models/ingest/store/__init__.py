"""The tables of the store that ingest reads, and the delta in them."""
