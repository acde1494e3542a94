"""Writes workspaces to a folder: tables of any form as files, `tercet.toml` and `policy.toml`."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

Rows = Sequence[Mapping[str, Any]]
Cells = Sequence[Sequence[str]]
Table = str | bytes | pd.DataFrame | Rows | Cells
"""A file's text or bytes, a frame, rows by column (the first has all columns), or cells, the names first."""


def write_workspace_files(
    folder: Path, tables: Mapping[str, Table], toml: str, policy: str | Mapping[str, Any] | None = None
) -> Path:
    """The folder, made if it is not there, with these tables, this `tercet.toml` and, if given, `policy.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(folder, tables)
    (folder / "tercet.toml").write_text(toml, encoding="utf-8")
    if policy is not None:
        text = policy if isinstance(policy, str) else toml_of(policy)
        (folder / "policy.toml").write_text(text, encoding="utf-8")
    return folder


def write_tables(folder: Path, tables: Mapping[str, Table]) -> None:
    """Each table as the file of its name: CSV, unless the name says otherwise; frames are Parquet if it says so."""
    for name, table in tables.items():
        path = folder / (name if "." in name else f"{name}.csv")
        if isinstance(table, bytes):
            path.write_bytes(table)
        elif isinstance(table, str):
            path.write_text(table, encoding="utf-8", newline="")
        elif isinstance(table, pd.DataFrame):
            table.to_parquet(path, index=False) if path.suffix == ".parquet" else table.to_csv(path, index=False)
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(_cells(table))


def cells_of(columns: Sequence[str], rows: Rows) -> list[list[str]]:
    """Rows as cells in the order of these columns; what a row lacks or has as None is blank."""
    return [list(columns), *(["" if row.get(name) is None else str(row[name]) for name in columns] for row in rows)]


def sections_of(names: Sequence[str] | Mapping[str, Table]) -> str:
    """The sections of `tercet.toml` that name CSV files called as their tables."""
    return "".join(f'[tables.{name}]\nsource = "{name}.csv"\n' for name in names)


def toml_of(config: Mapping[str, Any]) -> str:
    """A configuration as TOML, tables in one line each."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in config.items())


def _cells(table: Rows | Cells) -> Cells:
    rows = [row for row in table if isinstance(row, Mapping)]
    return cells_of(list(rows[0]), rows) if rows else [list(line) for line in table]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
