"""BG/NBD: the purchase rate of a customer who may leave for good after any purchase.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model, Marketing
Science 24(2). A customer buys at a rate of their own, gamma distributed (shape r, rate alpha), and leaves after a
purchase with a probability of their own, beta distributed (a, b). Known of each: x repeat purchases (days with one,
after the first), the last of them t_x after the first purchase, which was T ago; 0 <= t_x <= T, all in weeks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, hyp2f1

from models.compute.minimisation import least, rounded
from models.rows.history import Floats

MOST_FITTED = 500_000
"""Of more customers every so-manieth is fitted: four numbers need no more."""
LOWEST, HIGHEST = -9.0, 9.0
"""Bounds of the parameters' logarithms. A fit whose r or alpha ends on one has found no optimum.

a and b may: where nobody leaves, or everyone as likely as the next, the likelihood is flat from there on. So may r and
alpha where r is large: then all customers buy at nearly the same rate, r / alpha.
"""
ALIKE = 100.0
"""The r from which rates of customers differ by less than a tenth (their coefficient of variation is 1 / sqrt(r))."""
NEAREST_TO_POLE = 1e-5
"""The expectation's formula divides by a - 1 and by a + b + x - 1; nearer than this they are moved away from 0."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The fitted model. converged: whether the fit ended in an optimum; log_likelihood: of the rows fitted."""

    r: float
    alpha: float
    a: float
    b: float
    converged: bool
    log_likelihood: float

    def alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """The probability that a customer has not left yet, (n,): 1 without repeat purchases, so no score by itself."""
        odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1.0) - 1)
        odds = odds + (self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + t_x))
        alive: Floats = np.where(x > 0, np.exp(-np.logaddexp(0.0, odds)), 1.0)
        return alive

    def no_purchase(self, x: Floats, t_x: Floats, T: Floats, weeks: float, alive: Floats | None = None) -> Floats:
        """The probability, (n,), of no purchase in the `weeks` to come: left already, or not yet back.

        alive: theirs, where it is known already.
        """
        silent = np.exp((self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + T + weeks)))
        none: Floats = 1 - (self.alive(x, t_x, T) if alive is None else alive) * (1 - silent)
        return none

    def expected_purchases(
        self, x: Floats, t_x: Floats, T: Floats, weeks: float, alive: Floats | None = None
    ) -> Floats:
        """The expected purchases (n,) of the `weeks` to come: equation 10 of the paper.

        Its hypergeometric function is taken as printed or by Euler's transformation, which leaves the smaller powers:
        of r + x for regulars, of a - 1 where nearly everyone leaves. alive: theirs, where it is known already.
        """
        left = NEAREST_TO_POLE if abs(self.a - 1.0) < NEAREST_TO_POLE else self.a - 1.0
        c = away_from_zero(left + self.b + x)
        since, often = self.alpha + T, self.r + x
        w = since / (since + weeks)
        euler = left < often
        power = np.where(euler, left, often)
        second = np.where(euler, left + self.b - self.r, self.b + x)
        inner = np.power(w, power) * hyp2f1(power, second, c, 1 - w)
        purchases = (self.alive(x, t_x, T) if alive is None else alive) * c / left * (1 - inner)
        most = often / since * weeks  # as if nobody left
        expected: Floats = np.clip(np.where(np.isnan(purchases), 0.0, purchases), 0.0, most)
        return expected


def away_from_zero(values: Floats) -> Floats:
    """The same values, none nearer to 0 than NEAREST_TO_POLE."""
    return np.where(np.abs(values) < NEAREST_TO_POLE, NEAREST_TO_POLE, values)


def fit_bg_nbd(x: Floats, t_x: Floats, T: Floats) -> BgNbd:
    """The model of greatest likelihood for these customers, (n,) each, in weeks; n >= 1.

    `converged` is false where the likelihood has no optimum, as when nobody ever came back. Where nobody leaves, the
    model is the NBD (Ehrenberg 1959).
    """
    step = max(1, len(x) // MOST_FITTED)
    x, t_x, T = x[::step], t_x[::step], T[::step]
    counts, place = np.unique(x, return_inverse=True)
    weight = np.bincount(place).astype(np.float64)
    again = x > 0

    def loss(logs: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logs)
        ln_T, ln_t = np.log(alpha + T), np.log(alpha + t_x)
        # Two ways to have been silent since t_x: still there, or gone after the last purchase.
        there = -(r + x) * ln_T
        gone = np.where(again, np.log(a) - np.log(b + np.maximum(x, 1.0) - 1) - (r + x) * ln_t, -np.inf)
        both = np.logaddexp(there, gone)
        is_there, is_gone = np.exp(there - both), np.exp(gone - both)
        by_count = gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
        by_count += gammaln(a + b) + gammaln(b + counts) - gammaln(b) - gammaln(a + b + counts)
        likelihood = weight @ by_count + both.sum()
        mean_ln = is_there * ln_T + is_gone * ln_t
        leaving = digamma(a + b) - digamma(a + b + counts)
        slopes = np.array(
            [
                weight @ (digamma(r + counts) - digamma(r) + np.log(alpha)) - mean_ln.sum(),
                len(x) * r / alpha - ((r + x) * (is_there / (alpha + T) + is_gone / (alpha + t_x))).sum(),
                weight @ leaving + is_gone.sum() / a,
                weight @ (leaving + digamma(b + counts) - digamma(b)) - (is_gone / (b + np.maximum(x, 1.0) - 1)).sum(),
            ]
        )
        return -likelihood / len(x), -slopes * np.exp(logs) / len(x)

    rate = max(float(x.sum()), 1.0) / max(float(T.sum()), 1e-9)
    start = np.clip(np.log([1.0, 1.0 / rate, 1.0, 3.0]), LOWEST + 1, HIGHEST - 1)
    optimum = least(loss, start, [(LOWEST, HIGHEST)] * 4)
    r, alpha, a, b = (rounded(value) for value in np.exp(optimum.parameters).tolist())
    log_r, log_alpha = optimum.parameters[:2].tolist()
    inside = min(log_r, log_alpha) > LOWEST + 0.01 and (log_alpha < HIGHEST - 0.01 or r >= ALIKE)
    return BgNbd(r, alpha, a, b, converged=optimum.converged and inside, log_likelihood=-optimum.loss * len(x))
