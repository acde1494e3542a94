from datetime import datetime
from typing import Any

from tests.builders.feature_values import values_of


def customer(**columns: Any) -> list[dict[str, Any]]:
    whole = {"signed_up_at": None, "birth_year": None, "gender": None, "country": None, "region": None}
    return [{"customer_id": "a"} | whole | columns]


def test_tenure_runs_from_sign_up_and_is_missing_before_it() -> None:
    known = customer(signed_up_at=datetime(2021, 1, 1))
    assert values_of("2021-01-31", customers=known)["tenure_days"] == 30
    assert values_of("2021-01-01", customers=known)["tenure_days"] is None
    assert values_of("2021-01-31", customers=customer())["tenure_days"] is None


def test_age_is_of_the_year_and_missing_where_it_cannot_be() -> None:
    assert values_of("2021-06-01", customers=customer(birth_year=1980))["age"] == 41
    assert values_of("2021-06-01", customers=customer(birth_year=1880))["age"] is None
    assert values_of("2021-06-01", customers=customer(birth_year=2050))["age"] is None
    assert values_of("1969-06-01", customers=customer(birth_year=1960))["age"] == 9


def test_country_and_region_are_words_and_gender_is_no_feature() -> None:
    found = values_of("2021-06-01", customers=customer(country="FR", gender="f"))
    assert (found["country"], found["region"]) == ("FR", None)
    assert "gender" not in found


def test_further_columns_are_features_under_their_own_names() -> None:
    found = values_of("2021-06-01", customers=customer(household=3, hobby="golf"))
    assert (found["household"], found["hobby"]) == (3, "golf")
