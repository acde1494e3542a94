"""The store's tables as ingest reads them, and the delta in them."""
