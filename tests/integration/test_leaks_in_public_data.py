"""The leaks of public feature tables are found by name, and their honest columns are not suspected."""

from pathlib import Path

import pytest

from benchmarks.public_data import DATA
from models.features.catalogue import declared_features
from models.ingest import read_history
from models.targets.targets import targets_of
from models.workspace import load_workspace
from training.leakage.leakage_findings import column_findings
from training.preflight.preflight_run import run_preflight
from training.windows.labelled_rows import label, stack
from training.windows.population import Population

TELCO = """
[tables.attributes]
source = "{data}/telco/telco_customer_churn.csv"
[tables.attributes.columns]
customer_id = "CustomerID"
[churn]
definition = "label"
column = "Churn Value"
positive = 1
"""
BANK = """
[tables.attributes]
source = "{data}/bank_marketing/bank-additional-full.csv.gz"
read = {{ delim = ";" }}
[tables.attributes.columns]
customer_id = "row_number() over ()"
[upsell.deposit]
target = "label"
column = "y"
positive = "yes"
"""


def told(folder: Path, toml: str) -> tuple[set[str], set[str]]:
    """The columns that preflight names, and those that training names."""
    text = toml.format(data=DATA)
    source = Path(text.split('source = "')[1].split('"')[0])
    if not source.is_file():
        pytest.skip(f"no public data: {source} is not there (TERCET_DATA names the folder)")
    (folder / "tercet.toml").write_text('[consent]\ndefault = "granted"\n' + text)
    workspace = load_workspace(folder)
    ingested = read_history(workspace)
    checked = {f.subject for f in run_preflight(workspace, ingested) if f.code.startswith("E")}
    population = Population(ingested.history, declared_features(ingested.history))
    (target,) = targets_of(workspace.config)
    data = stack(population, [label(population, target, ingested.as_of, None)])
    trained = column_findings(population, target, data, ingested.as_of)
    return checked, {finding.feature for finding in trained}


def test_the_raw_telco_table_tells_its_label_in_three_columns(tmp_path: Path) -> None:
    checked, trained = told(tmp_path, TELCO)
    assert trained == {"Churn Label", "Churn Score", "Churn Reason"}
    assert checked == {f"attributes.{column}" for column in trained}


def test_the_bank_table_is_not_suspected_though_the_length_of_the_call_was_not_known_before_it(tmp_path: Path) -> None:
    assert told(tmp_path, BANK) == (set(), set())
