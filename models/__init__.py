"""The scoring library: features, targets, score models, segments and decisions, without mlflow, bentoml or HTTP."""

import time

STARTED = time.time()
"""Before any other source of this package was read: one that has changed since may not be the one that was imported."""
