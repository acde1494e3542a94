"""From a source's own columns to the columns of the contract."""
