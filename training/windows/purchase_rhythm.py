"""Purchase rhythm of a business: BG/NBD and Gamma-Gamma, fitted once a training, and their expectation of a target.

Early snapshots hold too little to fit the models to (their parameters degenerate), so one fit serves all of them: the
few numbers of the fit are the one thing in a snapshot's features that later rows, up to the cut-off, may move.
"""

import numpy as np

from models.btyd.bg_nbd import fit_bg_nbd
from models.btyd.gamma_gamma import fit_gamma_gamma
from models.features.evaluation.feature_frame import value_of
from models.features.families.expected_purchases import PurchaseRhythm
from models.features.language.expected_purchases import WEEK, Ingredients, Worth, ingredients
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import History
from models.targets.outcomes import Inactivity, NetValue
from models.targets.targets import Target

LEAST_CUSTOMERS = 100
"""Of fewer customers with a purchase no rhythm is learnt."""


def fit_rhythm(history: History, known_before: int, worth: Worth = "amount") -> PurchaseRhythm | None:
    """The rhythm by which customers had bought before an instant; None without orders, or where no fit converges."""
    if "orders" not in history.tables:
        return None
    view = AsOf(history, known_before)
    known = Ingredients(*(value_of(view, read) for read in ingredients(worth)))
    bought = known.purchase_days > 0
    if bought.sum() < LEAST_CUSTOMERS:
        return None
    n, first, last, total = (column[bought] for column in known)
    purchases = fit_bg_nbd(n - 1, (first - last) / WEEK, first / WEEK)
    value = fit_gamma_gamma(n, np.nan_to_num(total) / n)
    if not purchases.converged:
        return None
    return PurchaseRhythm(purchases, value if value is not None and value.converged else None, worth)


def scales(target: Target) -> bool:
    """Whether what is learnt of it over shorter windows can be scaled to its horizon by the purchase rhythm."""
    return isinstance(target.definition, Inactivity | NetValue)


def expectation(target: Target, rhythm: PurchaseRhythm, days: int) -> Feature | None:
    """What the rhythm by itself says of the target: the probability of no purchase, or what purchases are worth."""
    match target.definition:
        case Inactivity():
            return rhythm.silence(days)
        case NetValue():
            return rhythm.expected_worth(days)
        case _:
            return None
