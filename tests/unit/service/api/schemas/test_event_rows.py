"""What a CRM sends every day fits, and a field that says what a customer allows is never just ignored."""

import doctest

import pytest
from pydantic import ValidationError

from models.consent.purposes import CONSENT_COLUMNS
from models.errors import DataError
from models.rows.tables import TABLES
from service.api.schemas import event_rows
from service.api.schemas.event_rows import InteractionEvent, OrderEvent, note_on_kind, unknown_fields

ROW = {"order_id": "o", "customer_id": "c", "ordered_at": "2025-01-01T00:00:00Z", "amount": 5}


def test_the_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(event_rows).failed == 0


@pytest.mark.parametrize("sent", ["50.00", " 50 ", "5e1", "+50.", 50])
def test_a_decimal_string_is_its_number(sent: object) -> None:
    assert OrderEvent.model_validate(ROW | {"amount": sent}).amount == 50.0


@pytest.mark.parametrize("sent", ["50,00", "1_000", "", "nan", "inf", "0x10", "\u0665\u0660", True, "1e999"])
def test_what_is_no_decimal_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        OrderEvent.model_validate(ROW | {"amount": sent})


@pytest.mark.parametrize(("sent", "kept"), [(7, "7"), (2**70, str(2**70)), ("007", "007")])
def test_an_integer_is_taken_for_an_id_and_a_text_stays_as_it_is(sent: object, kept: str) -> None:
    assert OrderEvent.model_validate(ROW | {"customer_id": sent}).customer_id == kept


@pytest.mark.parametrize("sent", [True, 7.0, None, [], ""])
def test_nothing_else_is_an_id(sent: object) -> None:
    with pytest.raises(ValidationError):
        OrderEvent.model_validate(ROW | {"customer_id": sent})


@pytest.mark.parametrize("name", [*CONSENT_COLUMNS, "emailConsent", "profiling_consnet", "Opt-Out", "unsubscribed"])
def test_a_field_like_a_consent_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="/consent"):
        unknown_fields(OrderEvent, ROW | {name: False})


def test_fields_of_the_crms_own_are_named() -> None:
    assert unknown_fields(OrderEvent, ROW | {"shop": 1, "Amount": 2}) == ["Amount", "shop"]


def test_models_have_every_column_of_the_contract() -> None:
    for model, table in ((OrderEvent, "orders"), (InteractionEvent, "interactions")):
        assert model.model_fields.keys() == {column.name for column in TABLES[table].columns}  # type: ignore[index] # two of its names


def test_kinds_that_features_or_the_table_know_need_no_note() -> None:
    assert note_on_kind("nps", frozenset()) is None
    assert note_on_kind("store_visit", frozenset({"store_visit"})) is None
    assert "like 'email_open'" in str(note_on_kind("email_opened", frozenset()))
