"""Every list of purposes outside of `models.consent` names the same ones."""

from typing import get_args

from models.consent.purposes import CONSENT_COLUMNS, NONE_NEEDED, PROFILING, PURPOSES, ChannelConsent
from service.api.routes.consent import ANSWER, ConsentAnswer, ConsentRequest
from training.example_shop.tables import SCHEMAS


def test_requests_and_answers_have_a_field_for_each_purpose() -> None:
    assert [name for name in ConsentRequest.model_fields if name.endswith("_consent")] == list(CONSENT_COLUMNS)
    assert [name for name in ConsentAnswer.model_fields if name.endswith("_consent")] == list(CONSENT_COLUMNS)
    assert [name for name in ANSWER if name.endswith("_consent")] == list(CONSENT_COLUMNS)


def test_a_channel_needs_any_purpose_but_profiling_or_none() -> None:
    assert get_args(ChannelConsent) == (*(purpose for purpose in PURPOSES if purpose != PROFILING), NONE_NEEDED)


def test_the_example_shop_records_every_purpose() -> None:
    assert [name for name in SCHEMAS["customers"].names if name.endswith("_consent")] == list(CONSENT_COLUMNS)
