"""The compiled loops behind every feature; `machine` runs them for one customer after the other."""
