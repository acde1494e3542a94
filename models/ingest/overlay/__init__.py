"""The overlay of the store's rows on the workspace's own: in SQL for everyone, in arrays for one customer."""
