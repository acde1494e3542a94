"""What tests build: workspaces, rows, models, stores and services."""
