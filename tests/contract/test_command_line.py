"""The `tercet` command as a newcomer meets it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from tercet import COMMANDS, tercet
from tests.builders.command_in_process import run_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    command = tercet.get_command(click.Context(tercet), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_help_lists_every_command() -> None:
    told = run_command("--help")
    assert told.exit_code == 0
    assert all(name in told.stdout for name in COMMANDS)


def test_a_misspelt_command_names_the_nearest() -> None:
    told = run_command("trian")
    assert told.exit_code == 2
    assert "did you mean 'train'?" in told.stderr


@pytest.mark.parametrize("name", ["check", "train", "backtest", "promote", "serve", "segments", "monitor"])
def test_a_missing_workspace_is_wrong_usage_with_a_fix(name: str, tmp_path: Path) -> None:
    told = run_command(name, "--workspace", tmp_path / "nowhere")
    assert told.exit_code == 2
    assert "tercet init" in told.stderr


@pytest.mark.slow
def test_as_a_process_it_says_the_fix_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tercet.py"), "promote", "--workspace", str(tmp_path / "nowhere")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert "tercet init" in told.stderr
    assert "Traceback" not in told.stderr
    assert "Warning" not in told.stderr
