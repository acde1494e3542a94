"""Every fix that `tercet check` prints, carried out as printed on the data that provoked it, mends it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.ingest import wall_clock
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from tests.builders.faults import FAULTS, GRANTED, NAMES, SHOP, Fault, Table, changed, people, with_rows
from tests.builders.narrowing import present
from tests.stories.check_fixes import run_check, write_lines
from training.findings.preflight_codes import MEANINGS


def write_table(folder: Path, fault: Fault, name: str, table: Table) -> str:
    """Writes a table, and tells its file."""
    if isinstance(table, pd.DataFrame) and fault.parquet:
        table.astype({"total": float}).to_parquet(folder / f"{name}.parquet")
        return f"{name}.parquet"
    text = table if isinstance(table, str) else table.to_csv(index=False)
    (folder / f"{name}.csv").write_text(text, encoding=fault.encoding)
    return f"{name}.csv"


def write_workspace(folder: Path, fault: Fault) -> None:
    """Writes the fault's workspace."""
    sections = []
    for name, table in fault.tables.items():
        source = write_table(folder, fault, name, table)
        sections += [f'[tables.{name}]\nsource = "{source}"', fault.of_table.get(name, "")]
        if name == "orders":
            sections.append(NAMES)
    business = "" if "[business]" in fault.toml else '[business]\ncurrency = "EUR"'
    (folder / "tercet.toml").write_text("\n".join([business, *sections, fault.toml]), encoding="utf-8")
    if fault.refusing:
        store = open_store(f"sqlite:///{folder / 'tercet.db'}")
        for customer_id in fault.refusing:
            record_consent(store, customer_id, {"email": False}, wall_clock(), "call", wall_clock())
        store.dispose()


def test_every_code_has_a_fault_that_provokes_it() -> None:
    assert {fault.finding.split(":")[0][1:] for fault in FAULTS} == set(MEANINGS)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_fix_as_printed_mends_what_it_was_printed_for(fault: Fault, tmp_path: Path) -> None:
    write_workspace(tmp_path, fault)
    before = run_check(tmp_path)
    assert fault.finding in before.fixes, before.text
    if fault.lineless:
        assert before.fixes[fault.finding] == "", before.text
    if fault.mended is None:
        lines = before.fixes[fault.finding]
        assert lines, before.text
        write_lines(tmp_path, lines)
    for name, table in (fault.mended or {}).items():
        write_table(tmp_path, fault, name, table)
    after = run_check(tmp_path)
    assert not after.about(fault.finding), after.text
    assert after.errors <= before.errors, after.text
    assert fault.holds(present(after.history)), (before.fixes[fault.finding], after.text)


def test_lines_that_several_fixes_change_are_printed_once_more_with_all_of_them(tmp_path: Path) -> None:
    table = people(web="yes", fax="", birth_year=1990)
    orders = changed(changed(SHOP, "Customer", {3: "None"}), "day", {7: "2061-01-01"})
    orders = with_rows(orders, {"Customer": "c1", "total": ""})
    fault = Fault("", {"orders": orders, "customers": table}, of_table={"orders": "where = \"Customer <> 'c9'\""})
    write_workspace(tmp_path, fault)
    before = run_check(tmp_path)
    assert set(before.fixes) == {
        "W103:orders",
        "W104:orders.ordered_at",
        "W106:orders.amount",
        "W201:customers.birth_year",
        "W201:customers.web",
        "W202:customers.fax",
    }, before.text
    together = before.text.split("with all of them:\n")[1].split("no consent")[0]
    write_lines(tmp_path, together)
    after = run_check(tmp_path)
    assert set(after.fixes) == {"W103:orders", "W201:customers.birth_year"}
    assert len(present(after.history).tables["orders"].at) == 1200 - 5 - 2


def test_an_accepted_finding_is_told_with_its_reason_and_stays_accepted(tmp_path: Path) -> None:
    accepting = f"{GRANTED}[accept]\nW502 = 'the law allows it'\n"
    write_workspace(tmp_path, Fault("", {"orders": SHOP}, toml=accepting))
    assert "nothing to complain about" in run_check(tmp_path).text
    partly = people(profiling_consent=np.where(np.arange(240) % 2, "yes", ""))
    write_workspace(tmp_path, Fault("", {"orders": SHOP, "customers": partly}, toml=accepting))
    text = run_check(tmp_path).text
    assert "W502:customers.profiling_consent is accepted: the law allows it" in text
    assert "nothing to complain about" in text


def test_where_no_consent_is_recorded_one_line_says_what_applies(tmp_path: Path) -> None:
    write_workspace(tmp_path, Fault("", {"orders": SHOP}))
    text = run_check(tmp_path).text
    assert text.count('no consent is recorded: [consent] default = "granted" applies to all 240 customers: ') == 1
    assert "W502" not in text
