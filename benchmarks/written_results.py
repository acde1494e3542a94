"""Puts what was measured where people and programs find it: a section of a document, keys of a JSON file."""

import importlib.metadata
import json
import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measured import Section
from models.compute.cores import cores

OURS = ("lightgbm", "numba", "numpy", "duckdb", "pyarrow", "bentoml")


def write_results(name: str, section: Section, document: Path, results: Path) -> None:
    """Replace this section of the document, between its two marks, and its keys of the JSON; all else stays."""
    text = document.read_text(encoding="utf-8")
    begins, ends = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if begins not in text or ends not in text:
        raise ValueError(f"{document} has no place for {name}: it needs the lines {begins} and {ends}")
    before, rest = text.split(begins, 1)
    after = rest.split(ends, 1)[1]
    told = f"{section.markdown()}\n{surroundings(section.versions)}\n"
    document.write_text(f"{before}{begins}\n{told}{ends}{after}", encoding="utf-8")
    known: dict[str, Any] = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    known |= figures(section)
    results.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


def figures(section: Section) -> dict[str, dict[str, Any]]:
    """Each figure of the section with what it had to reach."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return {
        key: {
            "what": line.what,
            "value": float(f"{line.value:.4g}"),
            "floor": line.floor,
            "aim": line.aim,
            "wanted": line.wanted,
            "reached": line.verdict or None,
            "note": line.note,
            "measured": today,
        }
        for key, line in section.figures.items()
    }


def surroundings(versions: Mapping[str, str]) -> str:
    """When, on what machine and with which versions it was measured."""
    ours = {name: importlib.metadata.version(name) for name in OURS}
    named = ", ".join(f"{name} {version}" for name, version in {**ours, **versions}.items())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{cores()} cores of {processor()}, {memory:.0f} GiB"
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine}; Python {platform.python_version()}, {named}.\n"


def processor() -> str:
    """The processor's name."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.machine()
