"""The store: events, consents, decisions and feedback, on top of the workspace's own tables."""
