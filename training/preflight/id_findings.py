"""Findings about customer ids: ids of no person, truncated by a spreadsheet, or spelt in two ways."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from models.ingest import Ingested
from models.ingest.sql.quoting import literal
from models.rows.history import ALWAYS, Booleans, Integers
from models.workspace import Workspace
from training.findings.finding import Finding
from training.findings.preflight_codes import SERIOUS_SHARE, by_share
from training.preflight.id_forms import (
    NamedCustomers,
    alike,
    forms_of,
    merging,
    named_customers,
    spelt_twice,
    tables_not_alike,
)
from training.preflight.toml_fixes import WorkspaceTables, accepting, all_of

NOBODY = frozenset(
    [
        *("nan", "nat", "none", "null", "(null)", "<null>", "[null]", "\\n", "n/a", "#n/a", "<na>", "undefined"),
        *("#ref!", "#value!", "#name?", "-", "--", "---", ".", "?", "??", "???"),
        "00000000-0000-0000-0000-000000000000",
    ]
)
"""No customer is called so, however few rows there are."""
MAYBE_NOBODY = re.compile(
    r"0+|-1|9{4,}|x{1,5}|na|nil|missing|unknown|unbekannt|guest|gast|invit[eé]|anonymous|anonym|anon|test|dummy|default|cash"
    r"|walk-?in|not set|\(not set\)|no customer|no id|various|divers|other"
)
"""Ids that mean no person where they have an outsized share of the rows."""
OUTSIZED = 5
"""The multiple of an average customer's rows from which on such a word means no person."""
OUTSIZED_SHARE = 0.1
"""One id, of whatever name, may hold so much of a table's rows without a word."""
SERIOUS_CUSTOMER = 0.3
"""From this share on it is an error."""
FEWEST_CUSTOMERS = 100
"""Among fewer, a tenth of the rows is not much for one of them."""
MOST_SHOWN = 5
_CUT = re.compile(r"[0-9][.,][0-9]+[eE][+-]?[0-9]+|[0-9]+[eE]\+[0-9]+")


def id_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """What is odd about the ids that tables name customers by."""
    own, ids = WorkspaceTables(workspace, ingested), ingested.history.customer_ids
    tables = named_customers(workspace, ingested)
    words = [str(word) for word in ids.tolist()]
    nobody = np.array([word.casefold() in NOBODY for word in words], dtype=np.bool_)
    maybe = np.array([MAYBE_NOBODY.fullmatch(word.casefold()) is not None for word in words], dtype=np.bool_)
    cut = np.array([_CUT.fullmatch(word) is not None for word in words], dtype=np.bool_)
    for named in tables:
        yield from _no_people(own, named, words, nobody, maybe, cut)
        yield from _cut(own, named, words, cut)
    yield from _spelt_twice(workspace, own, tables, ingested, words)


def _no_people(
    own: WorkspaceTables, named: NamedCustomers, words: Sequence[str], nobody: Booleans, maybe: Booleans, cut: Booleans
) -> Iterator[Finding]:
    total, rows = named.total, named.rows
    customers = int((rows > 0).sum())
    if not total:
        return
    share = rows / total
    outsized = (share >= SERIOUS_SHARE) & (rows >= OUTSIZED * total / customers) & (customers >= OUTSIZED)
    known = (nobody & (rows > 0)) | (maybe & outsized)
    large = (share >= OUTSIZED_SHARE) & (customers >= FEWEST_CUSTOMERS) & ~known & ~cut
    if not (known | large).any():
        return
    subject = f"{named.table}.customer_id"
    count = int(rows[known | large].sum())
    serious = share[known].sum() >= SERIOUS_SHARE or share[large].sum() >= SERIOUS_CUSTOMER
    told = _listed(words, rows, known | large)
    what = f"{count:,} of {total:,} rows, {count / total:.1%}, name an id that seems to be nobody: {told}"
    fix = "correct the export, or leave these rows out"
    if large.any():
        fix += f"; an id that is one customer after all is accepted as {'E' if serious else 'W'}111:{subject}"
    listed = ", ".join(_in_sql(words[at]) for at in np.flatnonzero(known | large).tolist())
    condition = f"coalesce(trim({own.expression(named.table, 'customer_id')}::varchar) not in ({listed}), true)"
    code = f"{'E' if serious else 'W'}111"
    yield Finding(
        code, subject, what, fix, count=count, example=told.split(",")[0], change=own.keeping(named.table, condition)
    )


def _in_sql(word: str) -> str:
    """The word; a whole number also as a column of fractions has it."""
    return literal(word) + (f", {literal(word + '.0')}" if re.fullmatch(r"-?[0-9]+", word) else "")


def _cut(own: WorkspaceTables, named: NamedCustomers, words: Sequence[str], cut: Booleans) -> Iterator[Finding]:
    count = int(named.rows[cut].sum())
    if not count:
        return
    subject, told = f"{named.table}.customer_id", _listed(words, named.rows, cut & (named.rows > 0))
    what = f"{count:,} of {named.total:,} rows name a number that a spreadsheet has cut to its first digits: {told}"
    fix = "export again with the ids as text (several customers may stand behind one such number); until then leave out"
    number = f"trim({own.expression(named.table, 'customer_id')}::varchar)"
    condition = f"coalesce(not regexp_full_match({number}, {literal(_CUT.pattern)}), true)"
    code = by_share("112", count, named.total)
    yield Finding(
        code,
        subject,
        what,
        fix,
        count=count,
        example=told.split(" (")[0],
        change=own.keeping(named.table, condition),
    )


def _spelt_twice(
    workspace: Workspace,
    own: WorkspaceTables,
    tables: Sequence[NamedCustomers],
    ingested: Ingested,
    words: Sequence[str],
) -> Iterator[Finding]:
    groups = spelt_twice(words)
    if not groups:
        return
    forms, many = forms_of(groups), sum(len(group) for group in groups)
    whole = np.array([alike(word, forms) for word in words])
    code = by_share("113", many, len(words))
    difference = " or ".join(form.what for form in forms)
    what = (
        f"{many:,} ids differ by {difference} alone; if that tells no people apart, they are {len(groups):,} customers"
    )
    example = " and ".join(repr(word) for word in groups[0][:3])
    again = {named.table: _then_twice(named, ingested, whole) for named in tables}
    not_alike = tables_not_alike(workspace, ingested, forms)
    accept = [name for table in not_alike for name in again[table]]
    changes = [merging(own, table, forms) for table in not_alike]
    fix = "write them alike in the export, or in every table that names them"
    if accept:
        reasons = "\n".join(accepting(name, "one customer, spelt in several ways").splitlines()[1] for name in accept)
        changes.append(f"[accept]\n{reasons}")
        fix += "; of a customer's several rows the first then counts, and a refused consent in any"
    fix += f"; if they are different people, accept {code}:customer_id"
    yield Finding(code, "customer_id", what, fix, count=many, example=example, change=all_of(changes))


def _then_twice(named: NamedCustomers, ingested: Ingested, whole: np.ndarray) -> list[str]:
    """The finding that a customer then has several rows in a table with one row each, if they do."""
    identity = {"customers": ("customer_id",), "attributes": ("customer_id", "as_of")}.get(named.table)
    if identity is None:
        return []
    _, codes = np.unique(whole, return_inverse=True)
    places = codes.astype(np.int64)
    if named.table == "attributes":
        rows = ingested.history.tables["attributes"]
        pairs = np.column_stack([np.repeat(places, named.rows), rows.at])
        identity = identity if (rows.at != ALWAYS).any() else identity[:1]
    else:
        pairs = places[:, None]
    before = [r for r in ingested.rejections if r.table == named.table and r.reason.startswith("duplicate")]
    twice = len(pairs) - len(np.unique(pairs, axis=0))
    read = next(source.rows for source in ingested.sources if source.table == named.table)
    code = by_share("101", twice + sum(rejection.count for rejection in before), read)
    return [f"{code}:{named.table}.{'+'.join(identity)}"] if twice else []


def _listed(words: Sequence[str], rows: Integers, chosen: Booleans) -> str:
    """The ids with the most rows: "'nan' (812 rows), '-' (3 rows)"."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(-rows[places], kind="stable")]
    shown = ", ".join(f"{words[at]!r} ({rows[at]:,} rows)" for at in places[:MOST_SHOWN].tolist())
    return shown + (f" and {len(places) - MOST_SHOWN:,} more" if len(places) > MOST_SHOWN else "")
