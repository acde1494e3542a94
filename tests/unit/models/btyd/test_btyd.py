"""BG/NBD and Gamma-Gamma: the published figures, the paper's own formulas, and simulated customers."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.special import beta as beta_function
from scipy.special import betaln, gammaln, hyp2f1
from scipy.stats import beta, gamma

from benchmarks.public_data import DATA
from models.btyd.bg_nbd import BgNbd, fit_bg_nbd
from models.btyd.gamma_gamma import GammaGamma, fit_gamma_gamma
from tests.builders.narrowing import present

CDNOW = DATA / "cdnow" / "CDNOW_sample.txt"
MODEL = BgNbd(0.243, 4.414, 0.793, 2.426, converged=True, log_likelihood=0.0)


def bg_nbd_likelihood(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> float:
    """Equation 6 of Fader, Hardie and Lee (2005), customer by customer, in plain scale."""
    there = beta_function(a, b + x) / beta_function(a, b) * np.exp(gammaln(r + x) - gammaln(r))
    there *= alpha**r / (alpha + T) ** (r + x)
    if x == 0:
        return float(np.log(there))
    gone = beta_function(a + 1, b + x - 1) / beta_function(a, b) * np.exp(gammaln(r + x) - gammaln(r))
    return float(np.log(there + gone * alpha**r / (alpha + t_x) ** (r + x)))


def simulated(
    n: int,
    r: float,
    alpha: float,
    a: float,
    b: float,
    seed: int = 0,
    weeks: tuple[float, float] = (30.0, 60.0),
    future: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Customers who live by the model: x, t_x, T, and purchases in the `future` weeks after T."""
    random = np.random.default_rng(seed)
    rate, leave, T = random.gamma(r, 1 / alpha, n), random.beta(a, b, n), random.uniform(*weeks, n)
    x, t_x, later = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        at = 0.0
        while random.random() >= leave[i] or at == 0.0:
            at += random.exponential(1 / rate[i])
            if at > T[i] + future:
                break
            if at <= T[i]:
                x[i], t_x[i] = x[i] + 1, at
            else:
                later[i] += 1
    return x, t_x, T, later


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    if not CDNOW.is_file():
        pytest.skip(f"the public data are not at {CDNOW}; name their folder with TERCET_DATA")
    table = pd.read_csv(CDNOW, sep=r"\s+", header=None, usecols=[1, 2, 4], names=["id", "date", "spent"], dtype=str)
    table["date"], table["spent"] = pd.to_datetime(table.date, format="%Y%m%d"), table.spent.astype(float)
    return table


def summary(
    table: pd.DataFrame, until: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, pd.Index]:
    """Repeat purchase days, weeks to the last of them, weeks observed, days with a purchase, spend a day."""
    end = pd.Timestamp(until)
    days = table[table.date <= end].groupby(["id", "date"]).spent.sum().reset_index()
    each = days.groupby("id").agg(
        n=("date", "size"), first=("date", "min"), last=("date", "max"), total=("spent", "sum")
    )
    to_last, observed = (((to - each["first"]).dt.days / 7).to_numpy(dtype=float) for to in (each["last"], end))
    n = each.n.to_numpy(dtype=float)
    return n - 1, to_last, observed, n, (each.total / each.n).to_numpy(dtype=float), each.index


def test_the_cdnow_sample_gives_the_published_parameters(cdnow: pd.DataFrame) -> None:
    x, t_x, T, *_ = summary(cdnow, "1997-09-30")
    fitted = fit_bg_nbd(x, t_x, T)
    assert fitted.converged
    assert (fitted.r, fitted.alpha, fitted.a, fitted.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_the_cdnow_samples_second_39_weeks_are_foretold_as_published(cdnow: pd.DataFrame) -> None:
    x, t_x, T, _, _, customers = summary(cdnow, "1997-09-30")
    expected = fit_bg_nbd(x, t_x, T).expected_purchases(x, t_x, T, 39)
    came = cdnow[cdnow.date > "1997-09-30"].groupby("id").date.nunique().reindex(customers).fillna(0).to_numpy()
    assert np.corrcoef(expected, came)[0, 1] == pytest.approx(0.626, abs=0.001)
    assert expected.sum() / came.sum() - 1 == pytest.approx(-0.122, abs=0.001)


def test_the_fit_maximises_the_papers_own_likelihood() -> None:
    x, t_x, T, _ = simulated(400, 0.8, 6.0, 0.9, 2.5)
    fitted = fit_bg_nbd(x, t_x, T)
    rows = list(zip(x, t_x, T, strict=True))

    def likelihood(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs).tolist()
        return sum((bg_nbd_likelihood(r, alpha, a, b, *row) for row in rows), 0.0)

    at = np.log([fitted.r, fitted.alpha, fitted.a, fitted.b])
    assert likelihood(at) == pytest.approx(fitted.log_likelihood, rel=1e-9)
    assert np.abs(approx_fprime(at, likelihood, 1e-5)).max() < 0.05
    for direction in np.eye(4):
        assert likelihood(at) >= max(likelihood(at + 0.05 * direction), likelihood(at - 0.05 * direction))


def test_simulated_customers_give_their_parameters_back() -> None:
    fitted = fit_bg_nbd(*simulated(20_000, 0.6, 5.0, 1.2, 4.0, seed=1)[:3])
    assert fitted.converged
    assert fitted.r / fitted.alpha == pytest.approx(0.6 / 5.0, rel=0.05)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(1.2 / 5.2, rel=0.15)


def test_expectations_agree_with_what_simulated_customers_then_do() -> None:
    true = (0.6, 5.0, 1.2, 4.0)
    x, t_x, T, later = simulated(20_000, *true, seed=2, future=20.0)
    model = BgNbd(*true, converged=True, log_likelihood=0.0)
    assert model.expected_purchases(x, t_x, T, 20).mean() == pytest.approx(later.mean(), rel=0.05)
    silent = model.no_purchase(x, t_x, T, 20)
    assert silent.mean() == pytest.approx((later == 0).mean(), abs=0.01)
    often = x >= np.quantile(x, 0.9)
    assert silent[often].mean() == pytest.approx((later[often] == 0).mean(), abs=0.03)


def test_expected_purchases_agree_with_the_papers_formula_and_with_an_integral() -> None:
    x, t_x, T = np.array([0.0, 1.0, 4.0, 12.0]), np.array([0.0, 10.0, 30.0, 38.0]), np.array([20.0, 39.0, 35.0, 39.0])
    weeks, m = 39.0, MODEL
    printed = (m.a + m.b + x - 1) / (m.a - 1)
    z = weeks / (m.alpha + T + weeks)
    printed *= 1 - ((m.alpha + T) / (m.alpha + T + weeks)) ** (m.r + x) * hyp2f1(m.r + x, m.b + x, m.a + m.b + x - 1, z)
    assert m.expected_purchases(x, t_x, T, weeks) == pytest.approx(printed * m.alive(x, t_x, T), rel=1e-9)
    for row in range(4):
        # E[(1 - exp(-rate p t)) / p] of who is still there: rate ~ gamma(r + x, alpha + T), p ~ beta(a, b + x).
        def of_leaving(p: float, row: int = row) -> float:
            shrink = ((m.alpha + T[row]) / (m.alpha + T[row] + p * weeks)) ** (m.r + x[row])
            return float((1 - shrink) / p * beta.pdf(p, m.a, m.b + x[row]))

        integral = quad(of_leaving, 0, 1, limit=200)[0] * m.alive(x, t_x, T)[row]
        assert m.expected_purchases(x, t_x, T, weeks)[row] == pytest.approx(integral, rel=1e-6)


@pytest.mark.parametrize("a", [0.2, 1 - 1e-9, 1.0, 1 + 1e-7, 3.0, 200.0])
def test_expectations_are_finite_and_bounded_whatever_the_parameters_and_the_customer(a: float) -> None:
    random = np.random.default_rng(3)
    x = np.floor(random.lognormal(1, 2.5, 500))
    T = random.uniform(0, 800, 500)
    t_x = np.where(x > 0, T * random.random(500), 0.0)
    model = BgNbd(0.3, 2.0, a, 1.5, converged=True, log_likelihood=0.0)
    purchases, silence = model.expected_purchases(x, t_x, T, 52), model.no_purchase(x, t_x, T, 52)
    assert np.isfinite(purchases).all()
    assert ((purchases >= 0) & (purchases <= (0.3 + x) / (2.0 + T) * 52 + 1e-9)).all()
    assert ((silence >= 0) & (silence <= 1)).all()
    assert (model.expected_purchases(x, t_x, T, 80) >= purchases - 1e-9).all()
    assert (purchases >= (1 - silence) - 1e-6).all()  # Markov: whoever comes makes one purchase at least


def test_a_pole_of_the_formula_is_crossed_smoothly() -> None:
    x, t_x, T = np.array([0.0, 3.0]), np.array([0.0, 20.0]), np.array([30.0, 30.0])
    around = [
        BgNbd(0.5, 4.0, a, 2.0, converged=True, log_likelihood=0.0).expected_purchases(x, t_x, T, 13)
        for a in (1 - 1e-3, 1.0, 1 + 1e-3)
    ]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-4)


def test_where_nobody_ever_came_back_the_fit_says_that_it_found_nothing() -> None:
    n = 300
    assert not fit_bg_nbd(np.zeros(n), np.zeros(n), np.linspace(1, 50, n)).converged


def test_where_nobody_leaves_the_model_is_the_nbd() -> None:
    x, _, T, later = simulated(4000, 1.5, 5.0, 1e-9, 1.0, seed=6, future=15.0)
    random = np.random.default_rng(6)
    t_x = np.where(x > 0, T * random.beta(np.maximum(x, 1), 1), 0.0)  # the last of x uniform instants
    fitted = fit_bg_nbd(x, t_x, T)
    assert fitted.converged
    assert fitted.a / (fitted.a + fitted.b) < 0.01
    assert (fitted.r, fitted.alpha) == pytest.approx((1.5, 5.0), rel=0.1)
    nbd = (fitted.r + x) / (fitted.alpha + T) * 15
    assert fitted.expected_purchases(x, t_x, T, 15) == pytest.approx(nbd, rel=0.1)
    assert nbd.mean() == pytest.approx(later.mean(), rel=0.05)


def test_where_everyone_is_as_likely_as_the_next_to_leave_the_fit_is_at_its_bounds_and_right() -> None:
    x, t_x, T, later = simulated(5000, 1.5, 5.0, 4e5, 4e6, seed=7, future=15.0)
    fitted = fit_bg_nbd(x, t_x, T)
    assert fitted.converged
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(1 / 11, rel=0.15)
    assert fitted.expected_purchases(x, t_x, T, 15).mean() == pytest.approx(later.mean(), rel=0.07)


def test_the_gamma_gamma_fit_maximises_the_notes_own_likelihood() -> None:
    random = np.random.default_rng(4)
    p, q, scale = 3.0, 4.0, 30.0
    n = random.integers(1, 8, 3000).astype(float)
    own_rate = random.gamma(q, 1 / scale, 3000)
    mean = random.gamma(p * n, 1 / own_rate) / n
    fitted = present(fit_gamma_gamma(n, mean))
    assert (fitted.p, fitted.q, fitted.gamma) == pytest.approx((p, q, scale), rel=0.25)

    def likelihood(p: float, q: float, scale: float) -> float:
        # Equation 1a: the mean's density is gamma given the rate, and the rate is gamma between customers.
        logs = -betaln(p * n, q) + q * np.log(scale) + (p * n - 1) * np.log(mean) + p * n * np.log(n)
        return float((logs - (p * n + q) * np.log(scale + mean * n)).sum())

    best = likelihood(fitted.p, fitted.q, fitted.gamma)
    assert best == pytest.approx(fitted.log_likelihood, rel=1e-9)
    assert best >= likelihood(p, q, scale)


def test_the_expected_value_is_the_posterior_mean() -> None:
    model = GammaGamma(2.5, 3.5, 40.0, converged=True, log_likelihood=0.0)
    n, mean = 4.0, 55.0
    # Given the data, the rate of amounts is gamma(p n + q, gamma + n mean), and amounts average p / rate.
    rate = gamma(model.p * n + model.q, scale=1 / (model.gamma + n * mean))
    integral = quad(lambda v: model.p / v * rate.pdf(v), 1e-9, 3, limit=300)[0]
    assert model.expected_value(np.array([n]), np.array([mean]))[0] == pytest.approx(integral, rel=1e-6)
    many = model.expected_value(np.array([1e6]), np.array([mean]))[0]
    assert many == pytest.approx(mean, rel=1e-4)


def test_amounts_in_another_unit_give_the_same_model_in_that_unit() -> None:
    random = np.random.default_rng(5)
    n, mean = random.integers(1, 6, 800).astype(float), random.lognormal(3, 0.7, 800)
    unit = present(fit_gamma_gamma(n, mean))
    thousandth = present(fit_gamma_gamma(n, 1000 * mean))
    assert thousandth.gamma == pytest.approx(1000 * unit.gamma, rel=1e-3)
    assert thousandth.expected_value(n, 1000 * mean) == pytest.approx(1000 * unit.expected_value(n, mean), rel=1e-3)


def test_no_purchase_above_nothing_gives_no_model() -> None:
    assert fit_gamma_gamma(np.ones(5), np.array([0.0, -1.0, 0.0, -3.0, 0.0])) is None
