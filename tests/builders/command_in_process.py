"""Runs a command of `tercet` in this process, by its own entry point: what it says, and its exit code.

A process of its own takes seconds of imports before it begins. Where a test is about a process (signals, the
environment at its start, many at once), it starts one.
"""

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import NoReturn
from unittest.mock import patch

import pytest

from tercet import main


@dataclass(frozen=True)
class Said:
    """What a command said, and with which code it ended."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(*words: object, **variables: str) -> Said:
    """Run `tercet` with these words, and these variables of the environment; an error that is not told is raised."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, variables),
        pytest.MonkeyPatch.context() as patched,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        patched.setattr(sys, "argv", ["tercet", *map(str, words)])
        patched.setattr(os, "execve", become)
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    return Said(code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue())


def become(*_: object) -> NoReturn:
    """`tercet serve` becomes the server once all is well; the tests must not."""
    raise AssertionError("the command became another program")
