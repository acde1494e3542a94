"""Overlay: the store's rows replace the workspace's of the same identity; in SQL for everyone, in arrays for one."""
