"""The example shop, made, checked, trained and promoted by the README's own commands, once for all tests."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def blocks(language: str) -> list[str]:
    """The README's code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def block_with(language: str, words: str) -> str:
    """The one block that holds these words."""
    (block,) = [block for block in blocks(language) if words in block]
    return str(block)


def shell(script: str, folder: Path, **variables: str) -> str:
    """Run a script as a reader would who has activated .venv; its output."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TERCET_", "MLFLOW_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=own | {"PATH": path} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def make_example(folder: Path) -> Path:
    """Follow the README's path for who trains models; the workspace that it leaves."""
    shell(block_with("bash", "tercet init shop"), folder)
    return folder / "shop"
