"""The commands of the training side, one file each, and what they say on a terminal."""
