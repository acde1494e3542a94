"""The code in docs/adding-a-feature.md, run as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest

from models.features.language.expressions import COLUMNS, Selection

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-feature.md").read_text(encoding="utf-8")


def test_the_example_works_as_it_is_printed() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    names["test_complaints_are_counted_per_order"]()


@pytest.mark.parametrize("aggregation", [name for name in vars(Selection) if not name.startswith("_")])
def test_every_aggregation_is_explained(aggregation: str) -> None:
    if aggregation not in Selection.__slots__:
        assert re.search(rf"`{aggregation}\((c|)\)`", PAGE), aggregation


def test_every_column_is_explained() -> None:
    for table, columns in COLUMNS.items():
        row = next(text for text in PAGE.splitlines() if text.startswith(f"| `{table}`"))
        assert all(f"`{column}`" in row for column in columns or () if column != "order"), table
