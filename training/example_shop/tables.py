"""Records of the example shop as tables, and the Parquet files they are written to."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.consent.recorded_consent import GRANTED, NOT_RECORDED
from models.rows.history import MICROSECONDS_PER_DAY
from training.example_shop.calendar import DAYS, START_AT, instants
from training.example_shop.campaigns import ACTIONS, CHANNELS, OUTCOME_DAYS, Contacts
from training.example_shop.hidden_states import CustomerStates
from training.example_shop.shop_population import ShopPopulation

AT = pa.timestamp("us", tz="UTC")
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "customers": {
        "customer_id": pa.string(),
        "signed_up_at": AT,
        "birth_year": pa.int32(),
        "gender": pa.string(),
        "country": pa.string(),
        "region": pa.string(),
        "acquired_by": pa.string(),
        "household_size": pa.int32(),
        "area_income": pa.float64(),
        "interest": pa.string(),
        "lifestyle": pa.string(),
        "price_sensitivity": pa.float64(),
        "sales_channel": pa.string(),
        "fax": pa.string(),
        "profiling_consent": pa.bool_(),
        "email_consent": pa.bool_(),
        "sms_consent": pa.bool_(),
        "phone_consent": pa.bool_(),
    },
    "orders": {
        "order_id": pa.string(),
        "line_id": pa.int32(),
        "customer_id": pa.string(),
        "ordered_at": AT,
        "amount": pa.float64(),
        "margin": pa.float64(),
        "quantity": pa.int32(),
        "category": pa.string(),
        "product_id": pa.string(),
    },
    "interactions": {
        "interaction_id": pa.string(),
        "customer_id": pa.string(),
        "at": pa.string(),  # text, as many exports have it: ISO 8601, UTC
        "kind": pa.string(),
        "value": pa.float64(),
    },
    "subscriptions": {
        "customer_id": pa.string(),
        "started_at": AT,
        "ended_at": AT,
        "plan": pa.string(),
        "plan_rank": pa.int32(),
        "mrr": pa.float64(),
        "seats": pa.int32(),
    },
    "contacts": {
        "decision_id": pa.string(),
        "customer_id": pa.string(),
        "at": AT,
        "action": pa.string(),
        "channel": pa.string(),
        "propensity": pa.float64(),
        "arm": pa.string(),
        "outcome": pa.int32(),
        "value": pa.float64(),
    },
    "attributes": {
        "customer_id": pa.string(),
        "as_of": AT,
        "survey_satisfaction": pa.float64(),
        "survey_delivery": pa.float64(),
        "survey_prices": pa.float64(),
    },
}
SCHEMAS = {table: pa.schema(columns) for table, columns in COLUMNS.items()}


def customer_rows(population: ShopPopulation, rng: np.random.Generator) -> pd.DataFrame:
    """Profiles. Four in ten never answered the survey about interests; one column says nothing, one is empty."""
    found = pd.DataFrame(
        {name: getattr(population, name) for name in SCHEMAS["customers"].names if hasattr(population, name)}
    )
    found["signed_up_at"] = instants(population.signup_day, rng) // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY
    found["price_sensitivity"] = np.round(population.price_sensitivity)
    found.loc[rng.random(len(found)) < 0.4, ["interest", "lifestyle", "price_sensitivity"]] = None
    found.loc[rng.random(len(found)) < 0.07, "birth_year"] = None
    found["sales_channel"], found["fax"] = "web", None
    for name, answer in population.consents.items():
        found[name] = pd.array(answer == GRANTED, dtype="boolean")
        found.loc[answer == NOT_RECORDED, name] = pd.NA
    return found


def contact_rows(
    population: ShopPopulation,
    customer_states: CustomerStates,
    lines: pd.DataFrame,
    contacts: Contacts,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Randomised contacts with what came of them; a control's row says which action it was spared."""
    line_day = (lines["at"].to_numpy() - START_AT) // MICROSECONDS_PER_DAY
    orders = within(
        customer_states.order_customer, customer_states.order_day, np.ones(len(customer_states.order_day)), contacts
    )
    value = within(lines["customer"].to_numpy(), line_day, lines["amount"].to_numpy(), contacts)
    morning = rng.integers(6 * 3600, 7 * 3600, len(contacts.day)) * 1_000_000
    return pd.DataFrame(
        {
            "decision_id": [f"N{number:07d}" for number in range(len(contacts.day))],
            "customer_id": population.customer_id[contacts.customer],
            "at": START_AT + contacts.day * MICROSECONDS_PER_DAY + morning,
            "action": np.array(ACTIONS)[contacts.action],
            "channel": np.array(CHANNELS)[contacts.action],
            "propensity": contacts.propensity,
            "arm": np.where(contacts.treated, "treatment", "control"),
            "outcome": (orders > 0).astype(np.int64),
            "value": np.round(value, 2),
        }
    )


def within(customer: np.ndarray, day: np.ndarray, amount: np.ndarray, contacts: Contacts) -> np.ndarray:
    """The sum of `amount` over each contact's customer in the days that count for its outcome."""
    key = customer * (2 * DAYS) + day
    order = np.argsort(key, kind="stable")
    running = np.concatenate([[0.0], np.cumsum(amount[order])])
    start = contacts.customer * (2 * DAYS) + contacts.day
    first, last = np.searchsorted(key[order], start), np.searchsorted(key[order], start + OUTCOME_DAYS)
    found: np.ndarray = running[last] - running[first]
    return found


def write_table(path: Path, table: pd.DataFrame, schema: pa.Schema) -> None:
    """One Parquet file; integer instants (microseconds) become timestamps, columns without a type keep their own."""
    columns = {}
    for name in schema.names:
        column = pa.array(table[name], from_pandas=True)
        columns[name] = (
            column.cast(pa.int64()).cast(AT) if schema.field(name).type == AT else column.cast(schema.field(name).type)
        )
    pq.write_table(pa.table(columns), path)
