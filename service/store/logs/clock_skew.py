"""How far the clocks of those who send may be off."""

SKEW = 300_000_000
"""Five minutes, in microseconds: what is said to happen up to so much later than now is forgiven."""
