"""Workspace template: the commented files that `tercet init` writes, and the code that writes them."""
