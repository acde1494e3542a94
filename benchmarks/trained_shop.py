"""The synthetic shop with a champion and actions: workspaces to serve or to score, made once and kept."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.synthetic_shop import write_synthetic_shop
from training.workspace_template.new_workspace import policy_template

TRAINED_ON = 10_000
OFFER = """
[actions.big_basket_email]
label = "Free delivery for a large basket"
channels = ["email"]
value = "offer"
offer = "big_basket"
margin = 60.0
offer_cost = 4.90
"""


def trained_shop(folder: Path, *, customers: int = TRAINED_ON) -> Path:
    """A workspace of so many customers in `folder`, trained and promoted; one that is there is taken as it is.

    Its policy is what `tercet init` writes, with an action for the offer.
    """
    workspace = folder / f"trained_{customers}"
    if not has_champion(workspace):
        write_shop(workspace, customers)
        tercet(workspace, "train")
        tercet(workspace, "promote", "--force", "--why", "only its speed is measured")
    return workspace


def shop_of_size(folder: Path, *, customers: int) -> Path:
    """A workspace of any size, with the champion of the shop that `trained_shop` trains."""
    workspace = folder / f"shop_{customers}"
    if not has_champion(workspace):
        trained = trained_shop(folder)
        write_shop(workspace, customers)
        shutil.copytree(trained / "bundles", workspace / "bundles", dirs_exist_ok=True)
    return workspace


def has_champion(workspace: Path) -> bool:
    """Whether a model has been promoted there."""
    return (workspace / "bundles" / "champion.json").exists()


def write_shop(workspace: Path, customers: int) -> None:
    """The tables and definitions."""
    write_synthetic_shop(workspace, customers=customers)
    (workspace / "policy.toml").write_text(policy_template() + OFFER, encoding="utf-8")


def tercet(workspace: Path, *words: str) -> str:
    """Run a command of ours on a workspace in a process of its own; what it printed, or an end with its complaint."""
    command = [sys.executable, "-m", "tercet", *words, "--workspace", str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"tercet {words[0]} failed: {done.stderr}")
    return done.stdout
