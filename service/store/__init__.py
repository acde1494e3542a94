"""The store: what the service received, decided and was told, over the workspace's own tables."""
