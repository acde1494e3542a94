"""Training windows: snapshots, labels, test windows, and whether there are enough data."""
