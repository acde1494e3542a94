"""Score requests: from a request's items to its answer."""
