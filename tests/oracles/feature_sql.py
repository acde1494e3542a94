"""Every built-in numeric feature and every target once more, in SQL, from the raw tables; shares no code with them.

`$as_of` and `$end` are timestamps. Money is DECIMAL, so that sums are exact.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

SCHEMA = {
    "orders": {
        "customer_id": "VARCHAR",
        "order_id": "VARCHAR",
        "ordered_at": "TIMESTAMP",
        "amount": "DECIMAL(18, 2)",
        "line_id": "VARCHAR",
        "margin": "DECIMAL(18, 2)",
        "quantity": "DOUBLE",
        "category": "VARCHAR",
        "product_id": "VARCHAR",
    },
    "interactions": {
        "customer_id": "VARCHAR",
        "interaction_id": "VARCHAR",
        "at": "TIMESTAMP",
        "kind": "VARCHAR",
        "value": "DOUBLE",
    },
    "subscriptions": {
        "customer_id": "VARCHAR",
        "started_at": "TIMESTAMP",
        "ended_at": "TIMESTAMP",
        "plan": "VARCHAR",
        "plan_rank": "DOUBLE",
        "mrr": "DECIMAL(18, 2)",
        "seats": "DOUBLE",
    },
    "customers": {"customer_id": "VARCHAR", "signed_up_at": "TIMESTAMP", "birth_year": "DOUBLE"},
}

VIEWS = """
create or replace temp macro days(earlier, later) as (epoch_us(later) - epoch_us(earlier)) / 86400e6;
create or replace temp macro ratio(a, b) as case when b <> 0 then a / b end;
"""

FEATURES = """
with lines as (
    select *, days(ordered_at, $as_of) as ago from orders where ordered_at < $as_of
),
purchases as (
    select *, days("at", $as_of) as ago, days(lag("at") over w, "at") as gap,
        row_number() over (partition by customer_id order by "at" desc, order_id desc) as from_last
    from (
        select customer_id, order_id, min(ordered_at) as "at", sum(amount)::double as amount, count(*) as lines,
            sum(margin)::double as margin, sum(quantity) as quantity
        from lines group by customer_id, order_id having sum(amount) > 0
    )
    window w as (partition by customer_id order by "at", order_id)
),
bought as (
    select customer_id,
        min(ago) as days_since_last_order,
        max(ago) as days_since_first_order,
        count(*) filter (ago <= 30) as orders_30d,
        count(*) filter (ago <= 90) as orders_90d,
        count(*) filter (ago <= 180) as orders_180d,
        count(*) filter (ago <= 365) as orders_365d,
        count(*) as orders_all,
        ratio(count(*) filter (ago <= 90), count(*) filter (ago <= 180)) as orders_trend,
        ratio(coalesce(sum(amount) filter (ago <= 90), 0), sum(amount) filter (ago <= 365)) as spend_trend,
        avg(amount) as average_order_value,
        avg(amount) filter (ago <= 365) as average_order_value_365d,
        max(amount) as largest_order,
        ratio(sum(margin) filter (ago <= 365), sum(amount) filter (ago <= 365)) as margin_rate_365d,
        avg(gap) as order_gap_mean,
        stddev_samp(gap) as order_gap_sd,
        ratio(max(gap) filter (from_last = 1), avg(gap)) as last_gap_over_mean,
        ratio(min(ago), avg(gap)) as silence_over_mean_gap,
        max(gap) filter (ago <= 90) as longest_gap_90d,
        avg(lines) as lines_per_order,
        avg(quantity) as units_per_order
    from purchases group by customer_id
),
words as (
    select customer_id, max(n) filter (what = 'category') / sum(n) filter (what = 'category') as top_category_share,
        max(n) filter (what = 'product') / sum(n) filter (what = 'product') as top_product_share
    from (
        select customer_id, 'category' as what, category as word, count(*) as n from lines
        where amount > 0 and category is not null group by all
        union all
        select customer_id, 'product', product_id, count(*) from lines
        where amount > 0 and product_id is not null group by all
    )
    group by customer_id
),
basket as (
    select customer_id,
        sum(amount) filter (ago <= 30) as spend_30d,
        sum(amount) filter (ago <= 90) as spend_90d,
        sum(amount) filter (ago <= 180) as spend_180d,
        sum(amount) filter (ago <= 365) as spend_365d,
        sum(amount) as spend_all,
        sum(margin) filter (ago <= 365) as margin_365d,
        count(*) filter (ago <= 365) as lines_365d,
        ratio(coalesce(sum(-amount::double) filter (amount < 0), 0),
              sum(amount::double) filter (amount > 0)) as return_share,
        count(*) filter (amount < 0 and ago <= 365) as returned_lines_365d,
        count(distinct category) filter (amount > 0 and ago <= 365) as categories_365d,
        count(distinct product_id) filter (amount > 0 and ago <= 365) as products_365d
    from lines group by customer_id
),
dealings as (
    select *, days("at", $as_of) as ago,
        row_number() over (partition by customer_id, kind order by "at" desc, interaction_id desc) as from_last
    from interactions where "at" < $as_of
),
engagement as (
    select customer_id,
        count(*) filter (ago <= 90) as interactions_90d,
        count(*) filter (kind = 'visit' and ago <= 30) as visits_30d,
        count(*) filter (kind = 'visit' and ago <= 90) as visits_90d,
        count(*) filter (kind = 'email_open' and ago <= 90) as email_opens_90d,
        count(*) filter (kind = 'email_click' and ago <= 90) as email_clicks_90d,
        count(*) filter (kind = 'ticket' and ago <= 90) as tickets_90d,
        count(*) filter (kind = 'complaint' and ago <= 365) as complaints_365d,
        min(ago) filter (kind = 'visit') as days_since_last_visit,
        min(ago) filter (kind = 'email_open') as days_since_last_email_open,
        min(ago) filter (kind = 'email_click') as days_since_last_email_click,
        min(ago) filter (kind = 'ticket') as days_since_last_ticket,
        min(ago) filter (kind = 'complaint') as days_since_last_complaint,
        ratio(count(*) filter (kind = 'email_click' and ago <= 365),
             count(*) filter (kind = 'email_open' and ago <= 365)) as email_click_rate_365d,
        max(value) filter (kind = 'nps' and from_last = 1) as nps_last,
        avg(value) filter (kind = 'nps') as nps_mean
    from dealings group by customer_id
),
contracts as (
    select *, days(started_at, $as_of) as ago, ended_at is null or ended_at >= $as_of as running,
        row_number() over (partition by customer_id order by started_at, plan_rank) as from_first
    from subscriptions where started_at < $as_of
),
latest as (
    select *, row_number() over (partition by customer_id order by started_at desc, plan_rank desc) as from_last,
        row_number() over (partition by customer_id, running order by started_at desc, plan_rank desc) as from_last_so
    from contracts
),
subscribed as (
    select customer_id,
        max(plan_rank) filter (running and from_last_so = 1) as plan_rank,
        case when count(*) filter (running) > 0 then sum(mrr) filter (running) else 0 end as mrr,
        ratio(max(mrr::double) filter (from_last = 1), max(mrr::double) filter (from_first = 1)) as mrr_change,
        case when count(*) filter (running) > 0 then sum(seats) filter (running) else 0 end as seats,
        count(*) filter (running) as subscriptions_running,
        count(*) filter (ago <= 365) as subscriptions_started_365d,
        max(ago) filter (running and from_last_so = 1) as days_in_plan,
        max(ago) as days_since_first_subscription
    from latest group by customer_id
)
select customer_id,
    bought.* exclude (customer_id, orders_30d, orders_90d, orders_180d, orders_365d, orders_all),
    coalesce(orders_30d, 0) as orders_30d, coalesce(orders_90d, 0) as orders_90d,
    coalesce(orders_180d, 0) as orders_180d, coalesce(orders_365d, 0) as orders_365d,
    coalesce(orders_all, 0) as orders_all,
    coalesce(spend_30d, 0) as spend_30d, coalesce(spend_90d, 0) as spend_90d, coalesce(spend_180d, 0) as spend_180d,
    coalesce(spend_365d, 0) as spend_365d, coalesce(spend_all, 0) as spend_all,
    case when lines_365d > 0 then margin_365d else 0 end as margin_365d,
    return_share, coalesce(returned_lines_365d, 0) as returned_lines_365d,
    coalesce(categories_365d, 0) as categories_365d, coalesce(products_365d, 0) as products_365d,
    words.* exclude (customer_id),
    coalesce(interactions_90d, 0) as interactions_90d, coalesce(visits_30d, 0) as visits_30d,
    coalesce(visits_90d, 0) as visits_90d, coalesce(email_opens_90d, 0) as email_opens_90d,
    coalesce(email_clicks_90d, 0) as email_clicks_90d, coalesce(tickets_90d, 0) as tickets_90d,
    coalesce(complaints_365d, 0) as complaints_365d,
    engagement.* exclude (customer_id, interactions_90d, visits_30d, visits_90d, email_opens_90d, email_clicks_90d,
                          tickets_90d, complaints_365d),
    subscribed.plan_rank, mrr_change,
    case when subscribed.customer_id is null then 0 else subscribed.mrr end as mrr,
    case when subscribed.customer_id is null then 0 else subscribed.seats end as seats,
    coalesce(subscriptions_running, 0) as subscriptions_running,
    coalesce(subscriptions_started_365d, 0) as subscriptions_started_365d,
    days_in_plan, days_since_first_subscription,
    case when signed_up_at < $as_of then days(signed_up_at, $as_of) end as tenure_days,
    case when year($as_of) - birth_year between 0 and 120 then year($as_of) - birth_year end as age
from customers
left join bought using (customer_id) left join words using (customer_id) left join basket using (customer_id)
left join engagement using (customer_id) left join subscribed using (customer_id)
order by customer_id
"""

TARGETS = """
with bought_before as (
    select distinct customer_id from (
        select customer_id, order_id from orders where ordered_at < $as_of group by all having sum(amount) > 0)
),
came as (
    select customer_id, order_id, sum(amount) as amount from orders
    where ordered_at >= $as_of and ordered_at < $end group by all
),
running as (
    select customer_id, max(plan_rank) as rank from subscriptions
    where started_at < $as_of and (ended_at is null or ended_at >= $as_of) group by customer_id
)
select customer_id,
    exists (from bought_before b where b.customer_id = c.customer_id) as bought,
    exists (from orders o where o.customer_id = c.customer_id and category = 'tea' and amount > 0
            and ordered_at < $as_of) as had_tea,
    exists (from running r where r.customer_id = c.customer_id) as has_plan,
    coalesce((select rank < 3 from running r where r.customer_id = c.customer_id), false) as can_rise,
    not exists (from came where came.customer_id = c.customer_id and amount > 0) as inactivity,
    not exists (from subscriptions s where s.customer_id = c.customer_id and started_at < $end
                and (ended_at is null or ended_at >= $end)) as cancellation,
    greatest(coalesce((select sum(amount) from orders o where o.customer_id = c.customer_id
                       and ordered_at >= $as_of and ordered_at < $end), 0), 0)::double as revenue,
    exists (from came where came.customer_id = c.customer_id and amount > 123.45) as order_over,
    exists (from orders o where o.customer_id = c.customer_id and category = 'tea' and amount > 0
            and ordered_at >= $as_of and ordered_at < $end) as tea,
    exists (from subscriptions s join running r using (customer_id) where s.customer_id = c.customer_id
            and started_at >= $as_of and started_at < $end and plan_rank > rank) as upgrade
from customers c order by customer_id
"""


def oracle_of(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> duckdb.DuckDBPyConnection:
    """The raw tables in a database; `customers` has everyone."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(VIEWS)
    for table, columns in SCHEMA.items():
        frame = pd.DataFrame(
            [{name: row.get(name) for name in columns} for row in tables[table]], columns=list(columns)
        )
        connection.register("raw", frame.astype(object).where(frame.notna(), None))
        casts = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns.items())
        connection.execute(f"create table {table} as select {casts} from raw")
        connection.unregister("raw")
    return connection


def answer(connection: duckdb.DuckDBPyConnection, query: str, **moments: Any) -> pd.DataFrame:
    """One row a customer, by id."""
    used = {name: moment for name, moment in moments.items() if f"${name}" in query}
    return connection.execute(
        query.replace("$as_of", "$as_of::timestamp").replace("$end", "$end::timestamp"), used
    ).df()


CLEANED = """
create temp macro instant(text) as timezone('UTC', try_cast(text as timestamptz));
create table customers as
    select distinct on (customer_id) customer_id, instant(signed_up_at) as signed_up_at,
        birth_year::double as birth_year
    from '{folder}/customers.parquet' where customer_id is not null;
create table orders as
    select distinct on (order_id, line_id) customer_id, order_id, instant(ordered_at) as ordered_at,
        amount::decimal(18, 2) as amount, line_id, margin::decimal(18, 2) as margin, quantity::double as quantity,
        category, product_id
    from '{folder}/orders.parquet' semi join customers using (customer_id)
    where order_id is not null and ordered_at is not null and amount is not null;
create table interactions as
    select distinct on (interaction_id) customer_id, interaction_id, instant("at") as "at", kind, value
    from '{folder}/interactions.parquet' semi join customers using (customer_id)
    where kind is not null and instant("at") is not null;
create table subscriptions as
    select customer_id, instant(started_at) as started_at, instant(ended_at) as ended_at, plan,
        plan_rank::double as plan_rank, mrr::decimal(18, 2) as mrr, seats::double as seats
    from '{folder}/subscriptions.parquet' semi join customers using (customer_id)
    where started_at is not null and (ended_at is null or ended_at >= started_at);
"""


def oracle_of_files(folder: Path) -> duckdb.DuckDBPyConnection:
    """The example shop's tables in a database, less their dirty rows."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(VIEWS)
    connection.execute(CLEANED.format(folder=folder.as_posix()))
    return connection
