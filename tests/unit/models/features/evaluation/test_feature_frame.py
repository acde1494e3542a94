from typing import Any

import numpy as np
import pytest

from models.errors import FeatureError
from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import FeatureFrame, learn_vocabularies
from models.rows.as_of import AsOf
from models.rows.history import Category
from tests.builders.histories import history_of
from tests.builders.narrowing import category, numbers

ROWS: list[dict[str, Any]] = [
    {"customer_id": "a", "income": 10.0, "mood": "sad"},
    {"customer_id": "b", "income": None, "mood": None},
    {"customer_id": "c", "income": 30.0, "mood": "glad"},
]


def frame_of(rows: list[dict[str, Any]]) -> FeatureFrame:
    history = history_of(attributes=rows)
    return assemble(every_feature(history), AsOf(history, 0))


def test_a_matrix_has_the_columns_asked_for_in_their_order() -> None:
    X = frame_of(ROWS).matrix(["mood", "income"], {"mood": ("glad", "sad")})
    assert X.flags.c_contiguous
    np.testing.assert_array_equal(X, [[1, 10], [3, np.nan], [0, 30]])


def test_a_word_that_the_model_never_saw_has_a_code_of_its_own_beside_missing() -> None:
    X = frame_of(ROWS).matrix(["mood"], {"mood": ("angry", "glad")})
    assert X[:, 0].tolist() == [2, 3, 1]


def test_a_vocabulary_is_sorted_and_holds_only_words_in_use() -> None:
    frame = frame_of(ROWS)
    assert learn_vocabularies(frame) == {"mood": ("glad", "sad")}
    frame.override(0, {"mood": None})
    assert learn_vocabularies(frame) == {"mood": ("glad",)}
    assert learn_vocabularies(frame, frame_of(ROWS)) == {"mood": ("glad", "sad")}


def test_an_unknown_feature_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(FeatureError, match="did you mean 'income'"):
        frame_of(ROWS).override(0, {"incme": 3})
    with pytest.raises(FeatureError, match="no feature 'x'"):
        frame_of(ROWS).matrix(["x"], {})


def test_an_override_changes_one_customer_and_not_the_history() -> None:
    history = history_of(customers=[{"customer_id": "a", "score": 1.0}, {"customer_id": "b", "score": 2.0}])
    frame = assemble(every_feature(history), AsOf(history, 0))
    frame.override(1, {"score": 7})
    assert numbers(frame.facts("score")).tolist() == [1, 7]
    assert numbers(history.profile["score"]).tolist() == [1, 2]


def test_an_override_may_bring_a_new_word_and_missing() -> None:
    frame = frame_of(ROWS)
    frame.override(1, {"mood": "happy", "income": None})
    frame.override(0, {"mood": None, "income": True})
    mood = frame.facts("mood")
    assert isinstance(mood, Category)
    assert mood.words() == [None, "happy", "glad"]
    assert list(mood.vocabulary) == sorted(mood.vocabulary)
    np.testing.assert_array_equal(frame.facts("income"), [1, np.nan, 30])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"income": "much"}, "income must be a finite number$"),
        ({"income": float("nan")}, "finite"),
        ({"income": float("inf")}, "finite"),
        ({"income": 10**400}, "finite"),
        ({"mood": 3}, "mood must be a word$"),
        ({"mood": ["sad"]}, "mood must be a word"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_nothing_is_changed(values: dict[str, Any], message: str) -> None:
    frame = frame_of(ROWS)
    with pytest.raises(FeatureError, match=message):
        frame.override(0, {"income": 5.0} | values if "income" not in values else {"mood": None} | values)
    np.testing.assert_array_equal(frame.facts("income"), [10, np.nan, 30])


def test_a_column_that_changed_its_type_since_training_is_refused() -> None:
    frame = frame_of(ROWS)
    with pytest.raises(FeatureError, match="held numbers when the model was trained"):
        frame.matrix(["mood"], {})
    with pytest.raises(FeatureError, match="held text when the model was trained"):
        frame.matrix(["income"], {"income": ("a",)})


def test_a_column_of_nothing_is_missing_as_either_type() -> None:
    numbers = frame_of([{"customer_id": "a", "x": None}])
    assert numbers.matrix(["x"], {"x": ("p", "q")}).tolist() == [[3]]
    words = frame_of([{"customer_id": "a", "x": "p"}])
    words.override(0, {"x": None})
    assert np.isnan(words.matrix(["x"], {})).all()


def test_of_two_frames_the_second_has_the_say_where_both_have_a_column() -> None:
    first, second = frame_of(ROWS), frame_of([row | {"mood": "calm", "height": 1.7} for row in ROWS])
    joined = first.joined(second)
    assert list(joined.columns) == ["income", "mood", "height"]
    assert [feature.name for feature in joined.features] == ["income", "mood", "height"]
    mood = joined.facts("mood")
    assert isinstance(mood, Category)
    assert mood.words() == ["calm"] * 3
    np.testing.assert_array_equal(joined.matrix(["height", "mood"], {"mood": ("calm",)}), [[1.7, 0]] * 3)
    joined.override(0, {"mood": "sad", "height": 2})
    assert category(first.facts("mood")).words() == ["sad", None, "glad"]
    assert numbers(second.facts("height")).tolist() == [1.7] * 3
