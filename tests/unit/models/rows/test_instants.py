"""Instants: the steps of a zone's clock against the standard library, and the examples in the docstrings."""

import doctest
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.errors
import models.ingest.overlay.request_rows
import models.ingest.sql.quoting
import models.rows.instants
from models.rows.instants import format_instant, parse_instant, to_instant


@pytest.mark.parametrize(
    "module", [models.rows.instants, models.errors, models.ingest.sql.quoting, models.ingest.overlay.request_rows]
)
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type] # a Literal of the case, or a module


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]
    ),
)
def test_a_local_time_is_the_later_of_the_instants_it_could_mean(time: datetime, zone: str) -> None:
    offsets = [time.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    assert to_instant(time, zone) == to_instant(time - min(offsets), "UTC")


@given(st.integers(-(10**16), 10**17))
def test_an_instant_survives_being_written(instant: int) -> None:
    assert parse_instant(format_instant(instant), "Asia/Tokyo") == instant
