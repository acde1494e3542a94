"""Interactions between orders: visits, e-mails opened and clicked, tickets, complaints, NPS answers, surveys."""

import numpy as np
import pandas as pd

from models.consent.purposes import consent_column
from models.consent.recorded_consent import GRANTED
from models.rows.history import Booleans, Floats, Integers
from training.example_shop.calendar import DAYS, START_AT, instants
from training.example_shop.hidden_states import AGGRIEVED, GONE, CustomerStates
from training.example_shop.shop_population import ShopPopulation

VISITS = np.array([1.0, 0.7, 0.35, 0.04])  # by state: engaged, aggrieved, cooling, gone
OPENS = np.array([1.0, 0.7, 0.4, 0.15])
SATISFACTION = np.array([8.6, 4.5, 6.8, 6.0])
NEWSLETTER_EVERY, SURVEY_EVERY = 14, 180  # days
BLOCK = 128  # days drawn at once


def interactions(population: ShopPopulation, customer_states: CustomerStates, rng: np.random.Generator) -> pd.DataFrame:
    """customer (position), at (microseconds), kind, value; by instant, each with an `interaction_id`."""
    customer, day, wrong = customer_states.order_customer, customer_states.order_day, customer_states.order_wrong
    state = customer_states.states[day, customer]
    visit_customer, visit_day = visits(population, customer_states, rng)
    opened_customer, opened_day = newsletters(population, customer_states, rng)
    clicked = rng.random(len(opened_day)) < 0.22
    ticket = rng.random(len(day)) < 0.05 + 0.12 * (state == AGGRIEVED) + 0.25 * wrong
    complaint = (wrong & (rng.random(len(day)) < 0.75)) | (rng.random(len(day)) < 0.004)
    asked = rng.random(len(day)) < 0.14
    feeling = np.clip(np.round(rng.normal(SATISFACTION[state] - 3 * wrong, 1.6)), 0, 10)
    pages = 1 + rng.poisson(4, len(visit_day)).astype(np.float64)
    parts = [
        rows_of_kind("visit", visit_customer, visit_day, pages, rng),
        rows_of_kind("email_open", opened_customer, opened_day, None, rng),
        rows_of_kind("email_click", opened_customer[clicked], opened_day[clicked], None, rng),
        rows_of_kind("ticket", customer[ticket], later(day[ticket], rng), None, rng),
        rows_of_kind("complaint", customer[complaint], later(day[complaint], rng), None, rng),
        rows_of_kind("nps", customer[asked], later(day[asked], rng), feeling[asked].astype(np.float64), rng),
    ]
    found = pd.concat(parts, ignore_index=True)
    found = found[found["day"] < DAYS].sort_values(["at", "customer", "kind"], kind="stable", ignore_index=True)
    found["interaction_id"] = np.array([f"I{number:07d}" for number in range(len(found))], dtype=object)
    found["customer_id"] = population.customer_id[found["customer"].to_numpy()]
    return found


def visits(
    population: ShopPopulation, customer_states: CustomerStates, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Who visited on which day: most who buy, and others by the state they are in."""
    came = rng.random(len(customer_states.order_day)) < 0.8
    who, when = [customer_states.order_customer[came]], [customer_states.order_day[came]]
    for start in range(0, DAYS, BLOCK):
        states = customer_states.states[start : min(start + BLOCK, DAYS)]
        chance = (np.append(VISITS, 0.0) * 0.9).astype(np.float32)[states] * population.visit_rate.astype(np.float32)
        day, customer = np.nonzero(rng.random(states.shape, dtype=np.float32) < chance)
        who.append(customer)
        when.append(day + start)
    return np.concatenate(who), np.concatenate(when)


def newsletters(
    population: ShopPopulation, customer_states: CustomerStates, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Who opened the newsletter of which day; it goes to all who consented, from their sign-up on."""
    mailed = population.consents[consent_column("email")] == GRANTED
    who, when = [], []
    for day in range(5, DAYS, NEWSLETTER_EVERY):
        state = customer_states.states[day]
        shown = mailed & (population.signup_day <= day)
        chance = population.open_share * np.where(state < 0, 0.6, OPENS[state])
        opened = np.flatnonzero(shown & (rng.random(len(population)) < chance))
        who.append(opened)
        when.append(np.full(len(opened), day))
    return np.concatenate(who), np.concatenate(when)


def surveys(population: ShopPopulation, customer_states: CustomerStates, rng: np.random.Generator) -> pd.DataFrame:
    """Two survey waves a year: the columns of the table `attributes`, one row an answer, known from `as_of` on."""
    parts = []
    for day in range(100, DAYS, SURVEY_EVERY):
        state = customer_states.states[day]
        answers = np.flatnonzero((state >= 0) & (rng.random(len(population)) < np.where(state == GONE, 0.12, 0.38)))
        mood = SATISFACTION[state[answers]] / 2
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": population.customer_id[answers],
                    "as_of": START_AT + day * 86_400_000_000,
                    "survey_satisfaction": likert(mood, rng),
                    "survey_delivery": likert(mood + 0.4 - 12 * population.complaint_share[answers], rng),
                    "survey_prices": likert(6.3 - population.price_sensitivity[answers], rng),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def likert(mean: Floats, rng: np.random.Generator) -> Floats:
    """Answers from 1 to 5; one in twelve is left out."""
    answers = np.clip(np.round(rng.normal(mean, 0.8)), 1, 5)
    blank: Booleans = rng.random(len(answers)) < 1 / 12
    return np.where(blank, np.nan, answers)


def rows_of_kind(
    kind: str, customer: Integers, day: Integers, value: Floats | None, rng: np.random.Generator
) -> pd.DataFrame:
    """The interactions of one kind."""
    known = np.full(len(day), np.nan) if value is None else value
    return pd.DataFrame({"customer": customer, "day": day, "at": instants(day, rng), "kind": kind, "value": known})


def later(day: Integers, rng: np.random.Generator) -> Integers:
    """One to nine days after."""
    return day + rng.integers(1, 10, len(day))
