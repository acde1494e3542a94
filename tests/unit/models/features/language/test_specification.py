import json
import subprocess
import sys

import pytest

from models.errors import FeatureError
from models.features.catalogue import BUILT_IN
from models.features.language.expressions import Expression, above, columns_read, equals, rows
from models.features.language.specification import (
    Feature,
    declaration_hash,
    document_of,
    feature_of,
    lightgbm_name,
    specification_hash,
)

ORDERS = Feature("orders", "Orders", "orders", "frequency", rows("purchases", days=90).count(), "never")


def with_value(value: Expression) -> Feature:
    return Feature("orders", "Orders", "orders", "frequency", value, "never")


def test_every_declaration_can_be_written_as_json_and_read_back() -> None:
    for feature in BUILT_IN:
        assert feature_of(json.loads(json.dumps(document_of(feature)))) == feature


def test_the_hash_is_the_same_in_another_process() -> None:
    code = "from models.features.catalogue import BUILT_IN as b; from models.features.language.specification import *; "
    other = subprocess.run(
        [sys.executable, "-c", code + "print(specification_hash(b))"], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == specification_hash(BUILT_IN)


@pytest.mark.parametrize(
    "value",
    [
        rows("purchases", days=91).count(),
        rows("purchases").count(),
        rows("purchases", where=above("amount", 1), days=90).count(),
        rows("orders", days=90).count(),
        rows("purchases", days=90).sum("lines"),
        -rows("purchases", days=90).count(),
        rows("purchases", days=90).count() / rows("purchases").count(),
    ],
)
def test_any_change_of_the_expression_changes_the_hash(value: Expression) -> None:
    assert declaration_hash(with_value(value)) != declaration_hash(ORDERS)
    assert specification_hash([with_value(value)]) != specification_hash([ORDERS])


def test_words_for_people_change_the_specification_and_not_what_the_numbers_depend_on() -> None:
    reworded = Feature("orders", "Purchases", "purchases", "value", ORDERS.value, "never", {"churn": -1})
    assert declaration_hash(reworded) == declaration_hash(ORDERS)
    assert specification_hash([reworded]) != specification_hash([ORDERS])


def test_a_document_in_an_unknown_language_is_refused() -> None:
    document = document_of(ORDERS)
    for spoilt in ({"language": 99}, {"value": {"is": "Median"}}, {"value": 3}, {"colour": "red"}):
        with pytest.raises(FeatureError, match="does not know"):
            feature_of(document | spoilt)


def test_a_misspelt_table_or_column_is_refused_where_it_is_declared() -> None:
    with pytest.raises(FeatureError, match="no table 'order'; did you mean 'orders'"):
        rows("order")
    with pytest.raises(FeatureError, match="did you mean 'amount'"):
        rows("purchases").sum("amont")
    with pytest.raises(FeatureError, match="no column 'kin'"):
        rows("interactions", where=equals("kin", "visit"))
    with pytest.raises(FeatureError, match="0 days"):
        rows("orders", days=0)


def test_an_expression_knows_what_it_reads() -> None:
    value = rows("orders", where=above("amount", 0)).nunique("category") / rows("purchases").last("gap_days")
    assert columns_read(value) == {
        ("orders", None), ("orders", "amount"), ("orders", "category"), ("purchases", None),
    }  # fmt: skip


def test_names_for_lightgbm_are_plain_and_stay_unique() -> None:
    assert lightgbm_name("orders_30d") == "orders_30d"
    names = ["Monthly Charges", "Monthly_Charges", 'a"b', "a,b", "größe", "gr ße"]
    plain = [lightgbm_name(name) for name in names]
    assert len(set(plain)) == len(names)
    assert all(name.isascii() and name.replace("_", "").isalnum() for name in plain)
