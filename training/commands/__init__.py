"""The commands of the training side, one file each, and their terminal output."""
