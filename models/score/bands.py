"""high, medium, low: where a probability stands among the customers at the bundle's cut-off."""

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from models.score.reference_quantiles import ReferenceQuantiles
from models.workspace import Bands

BANDS = ("high", "medium", "low")


def band_places(scores: Floats, reference: ReferenceQuantiles, shares: Bands) -> NDArray[np.intp]:
    """The place in BANDS of each score, (n,).

    Strictly above a cut-off: where everyone has one score, nobody stands out.
    """
    high = reference.cutoff_top(shares.high)
    medium = reference.cutoff_top(shares.high + shares.medium)
    return np.where(scores > high, 0, np.where(scores > medium, 1, 2)).astype(np.intp)
