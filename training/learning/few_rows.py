"""Whether a set of rows says too little of everyone: too few customers, or too few with the rarer outcome."""

from models.score.score_model import ScoreKind
from training.windows.labelled_rows import Dataset

LEAST_ROWS = 200
LEAST_OF_RARER = 20


def is_thin(rows: Dataset, kind: ScoreKind) -> bool:
    """Whether a level is not to be read from these rows, as when six pilot customers were all there was last year."""
    rarer = rows.positives if kind == "clv" else min(rows.positives, len(rows) - rows.positives)
    return len(rows) < LEAST_ROWS or rarer < LEAST_OF_RARER
