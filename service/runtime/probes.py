"""Liveness and readiness probes that BentoML answers from (`service.bento`)."""

READINESS = "/readyz"
PROBES = {
    "/livez": "Whether the process lives",
    READINESS: "Whether it can score: a verified bundle is loaded and warm",
    "/healthz": "The same as /livez",
}
PROBE_PATHS = frozenset(PROBES)
PROBE_METHODS = frozenset({"GET", "HEAD"})
"""Any other method on these paths is ours to refuse."""
