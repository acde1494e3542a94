"""Event rows: the rows of POST /v1/events as CRMs send them: numbers as texts, ids as integers, fields of their own."""

import re
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, WithJsonSchema

from models.consent.purposes import CONSENT_COLUMNS
from models.errors import DataError
from models.features.families.engagement import KINDS
from models.rows.value_limits import LONGEST_ID, LONGEST_TEXT
from service.api.schemas.request_models import Finite, Identity, Money, SentInteraction, SentOrder, Word

DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
"""A number as JSON and SQL write it: a point, no grouping."""
CONSENT_WORDS = re.compile(r"consent|optin|optout|unsubscri|donotcontact|dnc$|permission|gdpr", re.ASCII)
"""In a field's or a kind's name, without its signs: it says what a customer allows."""
CONSENT_NAMES = [name.replace("_", "") for name in CONSENT_COLUMNS]
ALIKE = 0.8
"""How like a consent's name a field may be (difflib's ratio) before it is taken for one."""
ELSEWHERE = "it says what a customer allows: send it to PUT /v1/customers/{customer_id}/consent"


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) and DECIMAL.fullmatch(value.strip()) else value


def _word(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(longest: int, least: int) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"type": "string", "minLength": least, "maxLength": longest}, {"type": "integer"}]}
    )


_NUMBER = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": rf"^\s*{DECIMAL.pattern}\s*$"}]})
EventIdentity = Annotated[Identity, BeforeValidator(_word), _text(LONGEST_ID, 1)]
EventWord = Annotated[Word, BeforeValidator(_word), _text(LONGEST_TEXT, 0)]
EventMoney = Annotated[Money, BeforeValidator(_number), _NUMBER]
EventNumber = Annotated[Finite, BeforeValidator(_number), _NUMBER]


class OrderEvent(SentOrder):
    """An order, or a line of one, to be stored. Without `line_id` it is the whole order."""

    model_config = ConfigDict(extra="ignore")

    order_id: EventIdentity
    amount: EventMoney
    """Net, in the currency's major unit; negative for a return."""
    customer_id: EventIdentity
    line_id: EventIdentity | None = None
    margin: EventMoney | None = None
    quantity: EventNumber | None = None
    category: EventWord | None = None
    product_id: EventWord | None = None
    currency: Word | None = None
    """Of the amounts, by ISO 4217; the business's if it is left out. Another one needs a rate in the workspace's table
    `rates` that holds at the order's time, and is converted by it whenever the row is read."""


class InteractionEvent(SentInteraction):
    """An interaction to be stored."""

    model_config = ConfigDict(extra="ignore")

    interaction_id: EventIdentity
    customer_id: EventIdentity
    value: EventNumber | None = None


EventModel = type[OrderEvent] | type[InteractionEvent]


def unknown_fields(model: EventModel, row: dict[str, Any]) -> list[str]:
    """The fields of a row that the contract does not have. Raises DataError for one that is like a consent's name."""
    unknown = sorted(row.keys() - model.model_fields.keys())
    for name in unknown:
        if says_consent(name):
            raise DataError(ELSEWHERE, where=name)
    return unknown


def says_consent(name: str) -> bool:
    """Whether a field, or a kind of interaction, is about what a customer allows.

    >>> [says_consent(name) for name in ("emailConsnet", "email_unsubscribe", "email_open", "content")]
    [True, True, False, False]
    """
    plain = re.sub(r"[^a-z]", "", name.lower())
    return bool(CONSENT_WORDS.search(plain)) or bool(get_close_matches(plain, CONSENT_NAMES, 1, ALIKE))


def note_on_kind(kind: str, known: frozenset[str]) -> str | None:
    """What to say of an interaction's kind; None if features or the workspace's own table know it.

    Raises DataError for a kind that says what a customer allows: as an interaction it would protect nobody.
    """
    if kind in known or kind in KINDS:
        return None
    if says_consent(kind):
        raise DataError(ELSEWHERE, where="kind")
    near = get_close_matches(kind.casefold(), sorted(known | KINDS), 1, ALIKE)
    return f"no feature reads this kind{f', which is like {near[0]!r}' if near else ''}; it is stored all the same"
