"""What may be learnt from, as of when: snapshots, labels, test windows, and whether there is enough."""
