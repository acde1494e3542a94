from models.features.catalogue import BUILT_IN, declared_features, every_feature, set_aside
from tests.builders.feature_values import line, values_of
from tests.builders.histories import history_of


def test_every_column_of_attributes_is_a_feature() -> None:
    found = values_of("2021-06-01", attributes=[{"customer_id": "a", "Monthly Charges": 20.5, "contract": "yearly"}])
    assert found == {"Monthly Charges": 20.5, "contract": "yearly"}


def test_the_latest_row_strictly_before_the_instant_counts() -> None:
    rows = [
        {"customer_id": "a", "as_of": "2021-01-01", "score": 1, "mood": "sad"},
        {"customer_id": "a", "as_of": "2021-03-01", "score": 2, "mood": None},
        {"customer_id": "a", "as_of": "2021-06-01", "score": 3, "mood": "glad"},
    ]
    assert values_of("2021-02-01", attributes=rows) == {"score": 1, "mood": "sad"}
    assert values_of("2021-06-01", attributes=rows) == {"score": 2, "mood": None}
    assert values_of("2020-06-01", attributes=rows) == {"score": None, "mood": None}


def test_a_row_without_an_instant_was_always_known() -> None:
    assert values_of("1960-01-01", attributes=[{"customer_id": "a", "score": 1}]) == {"score": 1}


def test_a_taken_name_gets_its_table_before_it() -> None:
    customers = [{"customer_id": "a", "score": 1, "birth_year": 1980}]
    found = values_of("2021-01-01", customers=customers, attributes=[{"customer_id": "a", "age": 40, "score": 2}])
    assert found == {"age": 41, "attributes.age": 40, "score": 2, "customers.score": 1}


def test_a_name_that_no_other_feature_has_is_kept() -> None:
    assert values_of("2021-01-01", attributes=[{"customer_id": "a", "age": 40}]) == {"age": 40}


def test_label_columns_are_no_features() -> None:
    attributes = [{"customer_id": "a", "churned": 1, "score": 2}]
    history = history_of(attributes=attributes, labels=["churned"])
    assert [feature.name for feature in every_feature(history)] == ["score"]


def test_text_of_more_than_100_words_is_set_aside_and_said_so() -> None:
    rows = [{"customer_id": f"{i:03}", "city": f"city {i % 101}", "plan": f"plan {i % 100}"} for i in range(300)]
    history = history_of(attributes=rows)
    assert [feature.name for feature in declared_features(history)] == ["plan"]
    assert [feature.name for feature in every_feature(history)] == ["city", "plan"]
    assert [(found.table, found.column, found.words) for found in set_aside(history)] == [("attributes", "city", 101)]


def test_a_word_for_nearly_everyone_is_a_name() -> None:
    rows = [{"customer_id": f"{i:02}", "surname": f"name {i}", "colour": "red" if i % 2 else "blue"} for i in range(20)]
    history = history_of(customers=rows)
    assert [feature.name for feature in declared_features(history)] == ["colour"]
    assert set_aside(history)[0].column == "surname"


def test_one_customer_alone_has_the_features_that_everyone_has() -> None:
    history = history_of(orders=[line("2021-01-01", 1), line("2021-01-01", 1, customer="b")])
    assert every_feature(history.select([1])) == every_feature(history)


def test_names_of_built_in_features_are_unique_and_each_says_what_missing_means() -> None:
    assert len({feature.name for feature in BUILT_IN}) == len(BUILT_IN) >= 40
    assert all(feature.missing and feature.label and feature.group for feature in BUILT_IN)
    assert len({feature.label for feature in BUILT_IN}) == len(BUILT_IN)


def test_no_feature_knows_the_calendar() -> None:
    words = ("month", "weekday", "quarter", "season", "christmas")
    assert not [f.name for f in BUILT_IN if any(word in f.name for word in words)]
