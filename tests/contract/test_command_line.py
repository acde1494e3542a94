"""The `tercet` command as a newcomer meets it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from tercet import COMMANDS, tercet

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tercet.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    command = tercet.get_command(click.Context(tercet), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_help_lists_every_command() -> None:
    told = run("--help")
    assert told.returncode == 0
    assert all(name in told.stdout for name in COMMANDS)


def test_a_misspelt_command_names_the_nearest() -> None:
    told = run("trian")
    assert told.returncode == 2
    assert "did you mean 'train'?" in told.stderr


@pytest.mark.parametrize("name", ["check", "train", "backtest", "promote", "serve", "segments", "monitor"])
def test_a_missing_workspace_is_wrong_usage_with_a_fix(name: str, tmp_path: Path) -> None:
    told = run(name, "--workspace", str(tmp_path / "nowhere"))
    assert told.returncode == 2
    assert "tercet init" in told.stderr
    assert "Traceback" not in told.stderr
