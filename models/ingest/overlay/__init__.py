"""The store's rows laid over the base: in SQL for everyone, in arrays for one customer."""
