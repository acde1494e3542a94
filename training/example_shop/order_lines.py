"""Order lines: the lines of an order, and the lines that are returned."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.rows.history import MICROSECONDS_PER_DAY, Floats, Integers
from training.example_shop.calendar import END_AT, instants
from training.example_shop.hidden_states import CustomerStates
from training.example_shop.shop_population import CATEGORIES, ShopPopulation

PRODUCTS = 40  # a category
MEAN_PRICE = np.array([24.0, 31.0, 45.0, 14.0, 22.0, 18.0])
MARGIN_SHARE = np.array([0.42, 0.38, 0.33, 0.28, 0.40, 0.55])
REDUCED, REDUCTION = 0.25, 0.15
"""A quarter of all lines is sold 15 % cheaper."""


@dataclass(frozen=True)
class Catalogue:
    """Prices (categories, products) and how likely each product is within its category (products,)."""

    price: Floats
    popularity: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Catalogue":
        """A price list; the square of a uniform number picks the product, so the first sell best."""
        steps = np.sqrt(np.arange(PRODUCTS + 1) / PRODUCTS)
        spread = np.exp(rng.normal(-0.18, 0.6, (len(CATEGORIES), PRODUCTS)))
        return cls(np.round(MEAN_PRICE[:, None] * spread, 2), np.diff(steps))


def expected_order_value(population: ShopPopulation, catalogue: Catalogue) -> Floats:
    """Expected net revenue of one order once its returns are back, (n,)."""
    mean_price = population.tastes @ (catalogue.price @ catalogue.popularity)
    reduced: Floats = (1 - REDUCED * REDUCTION) * population.price_level * mean_price
    value: Floats = (1 + population.lines) * (1 + population.pieces) * reduced * (1 - population.return_share)
    return value


def order_lines(
    population: ShopPopulation, customer_states: CustomerStates, catalogue: Catalogue, rng: np.random.Generator
) -> pd.DataFrame:
    """All order lines, sold and returned, by instant: the columns of the table `orders`."""
    bought_at = instants(customer_states.order_day, rng)
    lines = 1 + rng.poisson(population.lines[customer_states.order_customer])
    order = np.repeat(np.arange(len(lines)), lines)
    customer = customer_states.order_customer[order]
    category = (rng.random(len(order))[:, None] >= population.tastes[customer].cumsum(axis=1)).sum(axis=1)
    category = np.minimum(category, len(CATEGORIES) - 1)
    product = (PRODUCTS * rng.random(len(order)) ** 2).astype(np.int64)
    quantity = 1 + rng.poisson(population.pieces[customer])
    paid = np.where(rng.random(len(order)) < REDUCED, 1 - REDUCTION, 1.0)
    amount = np.round(catalogue.price[category, product] * population.price_level[customer] * quantity * paid, 2)
    share = MARGIN_SHARE[category] - (1 - paid) - 0.08 * population.wholesaler[customer]
    first_line = np.cumsum(lines) - lines
    sold = pd.DataFrame(
        {
            "order": order,
            "line_id": np.arange(len(order)) - first_line[order] + 1,
            "customer": customer,
            "at": bought_at[order],
            "amount": amount,
            "margin": np.round(amount * share, 2),
            "quantity": quantity,
            "category": np.array(CATEGORIES)[category],
            "product_id": product_names(category, product),
        }
    )
    sold["order_id"] = order_names("O", order)
    back = returned(sold, population.return_share, lines, rng)
    kept = pd.concat([sold, back], ignore_index=True)
    kept["customer_id"] = population.customer_id[kept["customer"].to_numpy()]
    return kept.sort_values(["at", "order_id", "line_id"], kind="stable", ignore_index=True)


def returned(sold: pd.DataFrame, return_share: Floats, lines: Integers, rng: np.random.Generator) -> pd.DataFrame:
    """Lines that come back 3 to 24 days later: most as an order of their own, a third within the order they were of."""
    back = sold[rng.random(len(sold)) < return_share[sold["customer"].to_numpy()]].copy()
    back["at"] += rng.integers(3, 25, len(back)) * MICROSECONDS_PER_DAY
    for column in ("amount", "margin", "quantity"):
        back[column] = -back[column]
    within = rng.random(len(back)) < 0.33
    order = back["order"].to_numpy()
    back["order_id"] = np.where(within, back["order_id"].to_numpy(dtype=object), order_names("R", order))
    back["line_id"] = np.where(within, back["line_id"] + lines[order], back["line_id"])
    in_time: pd.DataFrame = back[back["at"] < END_AT]
    return in_time


def product_names(category: Integers, product: Integers) -> np.ndarray:
    """`garden-07` for each pair."""
    names = np.array([[f"{word}-{number:02d}" for number in range(PRODUCTS)] for word in CATEGORIES], dtype=object)
    return names[category, product]


def order_names(prefix: str, order: Integers) -> np.ndarray:
    """`O0000012` for each number."""
    names = np.array([f"{prefix}{number:07d}" for number in range(int(order.max(initial=-1)) + 1)], dtype=object)
    return names[order]
