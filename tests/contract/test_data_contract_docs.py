"""docs/data-contract.md says what the code does: the same columns, reasons and codes, and examples that are valid."""

import re
import tomllib
from pathlib import Path

import pytest

from models.errors import WorkspaceError
from models.ingest import REASONS
from models.rows.tables import TABLES
from models.workspace import load_workspace
from training.findings import training_codes
from training.findings.preflight_codes import MEANINGS

PAGE = (Path(__file__).parents[2] / "docs" / "data-contract.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


def table_after(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    rest = PAGE.split(f"{heading}\n", 1)[1]
    lines = re.search(r"((?:^\|.*\n)+)", rest, flags=re.MULTILINE)
    assert lines is not None
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in lines[1].splitlines()[2:]]


@pytest.mark.parametrize("name", list(TABLES))
def test_the_columns_of_each_table_are_those_of_the_contract(name: str) -> None:
    expected = [[f"`{c.name}`", c.unit, "yes" if c.required else ""] for c in TABLES[name].columns]  # type: ignore[index] # the page names tables as texts
    assert table_after(f"### `{name}`") == expected


def test_every_reason_and_every_code_is_listed_with_its_meaning() -> None:
    assert table_after("## Rejected rows") == [list(pair) for pair in REASONS.items()]
    assert table_after("## Findings of `tercet check`") == [list(pair) for pair in MEANINGS.items()]


def test_every_code_of_training_alone_is_listed() -> None:
    constants = vars(training_codes).values()
    codes = {code for code in constants if isinstance(code, str) and re.fullmatch(r"[EW]9\d\d", code)}
    assert {row[0] for row in table_after("on the run in MLflow:")} == codes


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_valid(example: str, tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(example, encoding="utf-8")
    assert set(load_workspace(tmp_path).config.tables) == set(tomllib.loads(example)["tables"])


def test_the_mistake_shown_is_told_as_shown(tmp_path: Path) -> None:
    shown = re.search(r"^    error: /shop/tercet\.toml, line \d+: (.*)$", PAGE, flags=re.MULTILINE)
    assert shown is not None
    wrong = EXAMPLES[0].replace("horizon_days = 90", "horizon_dais = 90", 1)
    (tmp_path / "tercet.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(WorkspaceError) as caught:
        load_workspace(tmp_path)
    assert caught.value.what == shown[1]
    line = wrong.splitlines().index("horizon_dais = 90") + 1
    assert str(caught.value.where).endswith(f"line {line}")
    assert f"line {line}: " in shown[0]
