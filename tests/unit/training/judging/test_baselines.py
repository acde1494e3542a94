from collections.abc import Sequence

import numpy as np
import pytest

from models.score.baseline_model import RFM_FEATURES
from models.score.score_model import ScoreKind
from training.judging.baselines import logistic, named_baselines, recent_spend, served_baseline
from training.windows.labelled_rows import Dataset

RANDOM = np.random.default_rng(3)
N = 600


def dataset(
    y: np.ndarray | Sequence[float],
    names: tuple[str, ...] = RFM_FEATURES,
    vocabularies: dict[str, tuple[str, ...]] | None = None,
    X: np.ndarray | None = None,
) -> Dataset:
    X = RANDOM.lognormal(3, 1, (len(y), len(names))) if X is None else X
    return Dataset(names, vocabularies or {}, X, np.asarray(y, float), np.arange(len(y)), np.zeros(len(y), np.int64))


def churners() -> Dataset:
    data = dataset(np.zeros(N))
    chance = 1 / (1 + np.exp(-(np.log1p(data.column("days_since_last_order")) - 3)))
    return Dataset(data.names, {}, data.X, (RANDOM.random(N) < chance).astype(float), data.customers, data.at)


def test_the_named_baselines_are_those_the_features_allow() -> None:
    def names(kind: ScoreKind, features: Sequence[str]) -> list[str]:
        return [baseline.name for baseline in named_baselines(kind, features, 90)]

    assert names("churn", RFM_FEATURES) == ["base rate", "recency rule", "logistic on RFM"]
    assert names("clv", RFM_FEATURES) == ["last 365 days' spend", "RFM table"]
    assert names("upsell", RFM_FEATURES) == ["base rate", "logistic on RFM"]
    assert names("churn", ("Contract",)) == names("upsell", ("Contract",)) == ["base rate", "logistic on all features"]
    assert names("clv", ("Contract",)) == []


@pytest.mark.parametrize("name", ["recency rule", "logistic on RFM"])
def test_a_logistic_baseline_promises_on_average_what_came(name: str) -> None:
    data = churners()
    (baseline,) = [one for one in named_baselines("churn", data.names, 90) if one.name == name]
    assert baseline.fit(data)(data).mean() == pytest.approx(data.y.mean(), abs=1e-4)


def test_a_logistic_baseline_takes_missing_values_as_average_and_serves_what_it_learnt() -> None:
    data = churners()
    data.X[::5, 2] = np.nan
    model = logistic(data, RFM_FEATURES)
    unknown = np.full((1, len(RFM_FEATURES)), np.nan)
    assert model.predict(unknown)[0] == pytest.approx(1 / (1 + np.exp(-model.constant)))
    assert np.isfinite(model.predict(data.X)).all()


def test_one_class_alone_is_no_error() -> None:
    model = logistic(dataset(np.ones(50)), RFM_FEATURES)
    assert model.predict(np.ones((1, len(RFM_FEATURES))))[0] == pytest.approx(51 / 52)


def test_recent_spend_is_pro_rata_to_the_horizon() -> None:
    assert recent_spend(73).predict(np.array([[100.0], [-5.0], [np.nan]])).tolist() == pytest.approx([20, 0, 0])


def test_the_rfm_table_predicts_the_mean_of_its_cell_drawn_in_by_ten_average_rows() -> None:
    names = (*RFM_FEATURES,)
    X = np.ones((100, len(names)))
    X[:50, names.index("days_since_last_order")] = 300
    data = dataset([10.0] * 50 + [40.0] * 50, names, X=X)
    (table,) = [one for one in named_baselines("clv", names, 90) if one.name == "RFM table"]
    found = table.fit(data)(data)
    assert found[0] == pytest.approx((50 * 10 + 10 * 25) / 60)
    assert found[-1] == pytest.approx((50 * 40 + 10 * 25) / 60)


def test_logistic_on_all_features_knows_words_missing_values_and_words_it_has_not_seen() -> None:
    contract = RANDOM.integers(0, 4, N).astype(float)
    usage = RANDOM.lognormal(2, 1, N)
    usage[::7] = np.nan
    y = (RANDOM.random(N) < np.where(contract == 0, 0.8, 0.2)).astype(float)
    data = dataset(y, ("contract", "usage"), {"contract": ("monthly", "yearly")}, np.column_stack([contract, usage]))
    predicted = named_baselines("churn", data.names, None)[1].fit(data)(data)
    assert predicted[contract == 0].mean() == pytest.approx(y[contract == 0].mean(), abs=0.03)
    assert predicted[contract == 3].mean() < 0.4


def test_what_serves_for_want_of_data_is_a_rate_when_even_a_logistic_has_too_little() -> None:
    assert served_baseline("churn", churners(), 90).kind == "logistic"
    assert served_baseline("churn", dataset([1] * 5 + [0] * 50), 90).kind == "rate"
    assert served_baseline("clv", dataset([10.0] * 50), 90).kind == "recent_spend"
    assert served_baseline("clv", dataset([10.0] * 50, ("contract",)), 90).kind == "rate"
