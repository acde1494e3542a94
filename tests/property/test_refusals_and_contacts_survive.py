"""Whatever is wrong with any cell of `customers` and `contacts`, no refusal and no contact is lost."""

import csv
import io
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from models.decisions.contacts.contact_history import contacts_of
from models.ingest import read_history
from models.workspace import load_workspace
from tests.builders.ingest_results import NOW
from tests.builders.narrowing import present
from tests.oracles import csv_cell_values as cell_oracle
from tests.oracles.block_parity import assert_blocks_are_parts_of
from tests.oracles.csv_cell_values import Declared

IDS = ["c0", "c1", "c2", "c3"]
FLAWS = [
    "",
    " ",
    "?",
    "0000-00-00",
    "2031-01-01",
    "24-01-05",
    "inf",
    "nan",
    "-",
    "Non",
    "x,y",
    'a "b"',
    "1e999",
    "é",
    "NULL",
]
CONSENTS = ["yes", "no", "", "1", "0.0", "unsubscribed", "Oui", "TRUE", "denied"]
PEOPLE = ["customer_id", "signed_up_at", "birth_year", "country", "email_consent", "profiling_consent", "income"]
CONTACTS = ["decision_id", "customer_id", "at", "action", "channel", "propensity", "arm", "outcome", "value"]
PURPOSES = {"email": "email_consent", "profiling": "profiling_consent"}

person = st.tuples(
    st.sampled_from(IDS),
    st.sampled_from(["2020-01-01", *FLAWS]),
    st.sampled_from(["1980", *FLAWS]),
    st.sampled_from(["FR", *FLAWS]),
    st.sampled_from(CONSENTS + FLAWS),
    st.sampled_from(CONSENTS + FLAWS),
    st.sampled_from(["5", *FLAWS]),
)
contact = st.tuples(
    st.sampled_from(["d1", "d2", "d3", *FLAWS]),
    st.sampled_from([*IDS, ""]),
    st.sampled_from(["2026-01-01", "2026-01-02 10:00", *FLAWS]),
    st.sampled_from(["mail", "call", *FLAWS]),
    st.sampled_from(["email", "phone", "", "x,y"]),
    st.sampled_from(["0.5", "0", "1.7", *FLAWS]),
    st.sampled_from(["treated", "control", "holdout", *FLAWS]),
    st.sampled_from(["1", "0", "", "2", *FLAWS]),
    st.sampled_from(["10", "", *FLAWS]),
)


def text_of(header: list[str], rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


@settings(max_examples=present(settings.default).max_examples // 14)
@given(st.lists(person, min_size=1, max_size=12), st.lists(contact, max_size=12))
def test_every_refusal_and_every_contact_of_any_file_is_there(
    people: list[tuple[str, ...]], contacts: list[tuple[str, ...]]
) -> None:
    with TemporaryDirectory() as folder:
        written = {"customers": text_of(PEOPLE, people), "contacts": text_of(CONTACTS, contacts)}
        written["orders"] = "order_id,customer_id,ordered_at,amount\n" + "".join(
            f"o{at},{who},2026-01-01,1\n" for at, who in enumerate(IDS)
        )
        toml = '[business]\ncurrency = "EUR"\n[consent]\ndefault = "granted"\n'
        for name, text in written.items():
            (Path(folder) / f"{name}.csv").write_text(text, encoding="utf-8")
            options = 'read = { delim = ",", header = true, quote = "\\"" }'
            toml += f'[tables.{name}]\nsource = "{name}.csv"\n{options}\n'
        (Path(folder) / "tercet.toml").write_text(toml, encoding="utf-8")
        workspace = load_workspace(Path(folder))
        history = read_history(workspace, now=NOW).history
        assert_blocks_are_parts_of(history, workspace, NOW, block=2)
    known = sorted({row[0] for row in people})
    assert history.customer_ids.tolist() == known
    for purpose, column in PURPOSES.items():
        place = PEOPLE.index(column)
        for customer_id, found in zip(known, history.consents[purpose].tolist(), strict=True):
            said = [cell_oracle.consent(row[place]) for row in people if row[0] == customer_id]
            assert found == (0 if 0 in said else said[0]), (purpose, customer_id, said)
    assert Counter(made(contacts, known)) == Counter(
        zip(
            [known[at] for at in contacts_of(history).customer],
            contacts_of(history).at.tolist(),
            contacts_of(history).channel.tolist(),
            strict=True,
        )
    )


def made(contacts: list[tuple[str, ...]], known: list[str]) -> list[tuple[str, int, str]]:
    """The contacts that were made: each of a known person at a time that can be read, the same of one id only once."""
    found, seen = [], set[tuple[str, ...]]()
    for decision_id, customer_id, at, _, channel, _, arm, _, _ in contacts:
        instant = cell_oracle.instant(at, Declared())
        if customer_id not in known or instant is None or instant > NOW:
            continue
        same = (decision_id.strip(), customer_id, str(instant), channel)
        if decision_id.strip() and same in seen:
            continue
        seen.add(same)
        if arm != "control":
            found.append((customer_id, instant, channel))
    return found
