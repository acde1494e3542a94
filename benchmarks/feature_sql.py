"""Every built-in number of the feature shop in DuckDB's SQL, set by set: one query a date, all customers and features.

Written for speed: tables in memory, sorted by customer and time, ids and words as numbers, and no window function where
an aggregate does. It computes what `tests/oracles/feature_sql.py` does, without subscriptions, of which the shop has
none.
"""

from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np

TABLES = """
create table customers as
    select row_number() over (order by customer_id)::integer as customer, customer_id,
        signed_up_at::timestamp as signed_up_at, birth_year::double as birth_year
    from '{folder}/customers.parquet';
create type category as enum (select distinct category from '{folder}/orders.parquet' order by 1);
create type product as enum (select distinct product_id from '{folder}/orders.parquet' order by 1);
create type kind as enum ('complaint', 'email_click', 'email_open', 'nps', 'ticket', 'visit');
create table orders as
    select customer, order_id[2:]::integer as number, ordered_at::timestamp as "at", amount, margin, quantity,
        category::category as category, product_id::product as product
    from '{folder}/orders.parquet' join customers using (customer_id) order by customer, "at", number;
create table interactions as
    select customer, "at"::timestamp as "at", kind::kind as kind, value
    from '{folder}/interactions.parquet' join customers using (customer_id) order by customer, "at", interaction_id;
create macro ago(instant, since) as (epoch_us(instant) - epoch_us(since)) / 86400e6;
create macro ratio(a, b) as a / nullif(b, 0);
"""

FEATURES = """
with purchases as (
    select *, epoch_us("at" - lag("at") over (partition by customer order by "at", number)) / 86400e6 as gap
    from (
        select customer, number, min("at") as "at", sum(amount) as amount, count(*) as lines, sum(margin) as margin,
            sum(quantity) as quantity
        from orders where "at" < $as_of group by customer, number having sum(amount) > 0
    )
),
bought as (
    select customer, ago($as_of, max("at")) as days_since_last_order, ago($as_of, min("at")) as days_since_first_order,
        count(*) filter ("at" >= {last_30}) as orders_30d, count(*) filter ("at" >= {last_90}) as orders_90d,
        count(*) filter ("at" >= {last_180}) as orders_180d, count(*) filter ("at" >= {last_365}) as orders_365d,
        count(*) as orders_all, ratio(orders_90d, orders_180d) as orders_trend,
        sum(amount) filter ("at" >= {last_365}) as value_365d,
        ratio(coalesce(sum(amount) filter ("at" >= {last_90}), 0), value_365d) as spend_trend,
        avg(amount) as average_order_value, value_365d / nullif(orders_365d, 0) as average_order_value_365d,
        max(amount) as largest_order, ratio(sum(margin) filter ("at" >= {last_365}), value_365d) as margin_rate_365d,
        avg(gap) as order_gap_mean, stddev_samp(gap) as order_gap_sd,
        ratio(arg_max(gap, ("at", number)), order_gap_mean) as last_gap_over_mean,
        ratio(days_since_last_order, order_gap_mean) as silence_over_mean_gap,
        max(gap) filter ("at" >= {last_90}) as longest_gap_90d,
        avg(lines) as lines_per_order, avg(quantity) as units_per_order
    from purchases group by customer
),
basket as (
    select customer,
        sum(amount) filter ("at" >= {last_30}) as spend_30d, sum(amount) filter ("at" >= {last_90}) as spend_90d,
        sum(amount) filter ("at" >= {last_180}) as spend_180d, sum(amount) filter ("at" >= {last_365}) as spend_365d,
        sum(amount) as spend_all, sum(margin) filter ("at" >= {last_365}) as margin_365d,
        ratio(coalesce(-sum(amount) filter (amount < 0), 0), sum(amount) filter (amount > 0)) as return_share,
        count(*) filter (amount < 0 and "at" >= {last_365}) as returned_lines_365d
    from orders where "at" < $as_of group by customer
),
categories as (
    select customer, max(n) / sum(n) as top_category_share, count(*) filter (newest >= {last_365}) as categories_365d
    from (
        select customer, category, count(*) as n, max("at") as newest from orders
        where "at" < $as_of and amount > 0 and category is not null group by customer, category
    ) group by customer
),
products as (
    select customer, max(n) / sum(n) as top_product_share, count(*) filter (newest >= {last_365}) as products_365d
    from (
        select customer, product, count(*) as n, max("at") as newest from orders
        where "at" < $as_of and amount > 0 and product is not null group by customer, product
    ) group by customer
),
engagement as (
    select customer, count(*) filter ("at" >= {last_90}) as interactions_90d,
        count(*) filter (kind = 'visit' and "at" >= {last_30}) as visits_30d,
        count(*) filter (kind = 'visit' and "at" >= {last_90}) as visits_90d,
        count(*) filter (kind = 'email_open' and "at" >= {last_90}) as email_opens_90d,
        count(*) filter (kind = 'email_click' and "at" >= {last_90}) as email_clicks_90d,
        count(*) filter (kind = 'ticket' and "at" >= {last_90}) as tickets_90d,
        count(*) filter (kind = 'complaint' and "at" >= {last_365}) as complaints_365d,
        ago($as_of, max("at") filter (kind = 'visit')) as days_since_last_visit,
        ago($as_of, max("at") filter (kind = 'email_open')) as days_since_last_email_open,
        ago($as_of, max("at") filter (kind = 'email_click')) as days_since_last_email_click,
        ago($as_of, max("at") filter (kind = 'ticket')) as days_since_last_ticket,
        ago($as_of, max("at") filter (kind = 'complaint')) as days_since_last_complaint,
        ratio(count(*) filter (kind = 'email_click' and "at" >= {last_365}),
              count(*) filter (kind = 'email_open' and "at" >= {last_365})) as email_click_rate_365d,
        arg_max(value, "at") filter (kind = 'nps') as nps_last, avg(value) filter (kind = 'nps') as nps_mean
    from interactions where "at" < $as_of group by customer
)
select {columns},
    case when signed_up_at < $as_of then ago($as_of, signed_up_at) end as tenure_days,
    case when year($as_of) - birth_year between 0 and 120 then year($as_of) - birth_year end as age
from customers left join bought using (customer) left join basket using (customer)
left join categories using (customer) left join products using (customer) left join engagement using (customer)
order by customer
"""

OF_CUSTOMERS = ("tenure_days", "age")
ZERO_WITHOUT_ROWS = ("orders_", "spend_", "margin_365d", "returned_", "categories_", "products_", "interactions_")
ZERO_WITHOUT_ROWS += ("visits_", "email_opens_", "email_clicks_", "tickets_", "complaints_")


def database(folder: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """The shop's tables in memory."""
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("set timezone = 'UTC'")
    connection.execute(TABLES.format(folder=folder))
    return connection


def query(names: tuple[str, ...]) -> str:
    """What computes these features."""
    columns = [
        f"coalesce({name}, 0) as {name}" if is_zero_without_rows(name) else name
        for name in names
        if name not in OF_CUSTOMERS
    ]
    windows = {f"last_{days}": f"$as_of - to_days({days})" for days in (30, 90, 180, 365)}
    return FEATURES.format(columns=", ".join(columns), **windows).replace("$as_of", "$as_of::timestamp")


def is_zero_without_rows(name: str) -> bool:
    """Whether a feature is 0, not missing, of a customer without such rows."""
    return name.startswith(ZERO_WITHOUT_ROWS) and not name.endswith("_trend")


def values(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], as_of: datetime) -> dict[str, np.ndarray]:
    """The features of everyone at an instant, by name, in the order of the customers' ids."""
    found = connection.execute(query(names), {"as_of": as_of}).fetchnumpy()
    return {name: np.ma.filled(found[name].astype(np.float64), np.nan) for name in names}
