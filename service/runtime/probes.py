"""What BentoML answers: whether the process lives, and whether it can score (`service.bento`)."""

PROBE_PATHS = frozenset({"/livez", "/readyz", "/healthz"})
PROBE_METHODS = frozenset({"GET", "HEAD"})
"""Any other method on these paths is ours to refuse."""
