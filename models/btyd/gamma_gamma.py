"""Gamma-Gamma: the expected value of a customer's next purchase, from the mean value of the purchases so far.

Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value". Amounts vary around a customer's own mean by a gamma
distribution (shape p), and those means between customers by another (q, gamma). Fitted on all purchases of everyone:
the textbook form leaves out the first one, and with it all who bought once.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma

from models.btyd.bg_nbd import HIGHEST, LOWEST, MOST_FITTED
from models.compute.minimisation import least, rounded
from models.rows.history import Floats


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The fitted model; gamma in the unit of the amounts. converged: whether the fit ended in an optimum."""

    p: float
    q: float
    gamma: float
    converged: bool
    log_likelihood: float

    def expected_value(self, n: Floats, mean: Floats) -> Floats:
        """The expected worth (n,) of a purchase of who made `n` of them at `mean` each: equation 5 of the note.

        A mean below 0 counts as 0. Always finite, since q > 1.
        """
        return (self.gamma + n * np.maximum(mean, 0.0)) * self.p / (self.p * n + self.q - 1)


def fit_gamma_gamma(n: Floats, mean: Floats) -> GammaGamma | None:
    """The model of greatest likelihood for customers of `n` purchases at `mean` each; None if no mean is above 0."""
    worth = (mean > 0) & (n > 0)
    if not worth.any():
        return None
    step = max(1, int(worth.sum()) // MOST_FITTED)
    n, mean = n[worth][::step], mean[worth][::step]
    unit = float(np.median(mean))
    m = mean / unit

    def loss(logs: Floats) -> tuple[float, Floats]:
        p, above_one, gamma = np.exp(logs)
        q = 1 + above_one
        pn, paid = p * n, m * n
        ln_gm, held = np.log(gamma + paid), np.log1p(paid / gamma)  # of large gammas differences of logs lose digits
        likelihood = (pn - 1) * np.log(m) + pn * (np.log(n) - ln_gm) - betaln(pn, q) - q * held
        of_sum = digamma(pn + q)
        slopes = np.array(
            [
                (n * (of_sum - digamma(pn) + np.log(m) + np.log(n) - ln_gm)).mean(),
                (of_sum - digamma(q) - held).mean(),
                ((q * paid / gamma - pn) / (gamma + paid)).mean(),
            ]
        )
        return -float(likelihood.mean()), -slopes * np.array([p, above_one, gamma])

    optimum = least(loss, np.log([1.0, 2.0, 2.0]), [(LOWEST, HIGHEST)] * 3)
    inside = bool(np.all((optimum.parameters > LOWEST + 0.01) & (optimum.parameters < HIGHEST - 0.01)))
    p, above_one, gamma = np.exp(optimum.parameters).tolist()
    total = -optimum.loss * len(n) - len(n) * float(np.log(unit))
    return GammaGamma(
        rounded(p),
        rounded(1 + above_one),
        rounded(gamma * unit),
        converged=optimum.converged and inside,
        log_likelihood=total,
    )
