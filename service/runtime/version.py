"""Tercet's version: of the installed package, or in a Bento, which installs none, of the project file beside it."""

import importlib.metadata
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def tercet_version() -> str:
    """The version, such as `0.2.0`."""
    try:
        return importlib.metadata.version("tercet")
    except importlib.metadata.PackageNotFoundError:
        return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
