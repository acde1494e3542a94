"""Liveness and readiness probes that BentoML answers from (`service.bento`)."""

PROBE_PATHS = frozenset({"/livez", "/readyz", "/healthz"})
PROBE_METHODS = frozenset({"GET", "HEAD"})
"""Any other method on these paths is ours to refuse."""
