"""The synthetic shop, trained, promoted and with actions: a workspace to serve or to score, made once and kept."""

import subprocess
import sys
from pathlib import Path

from benchmarks.synthetic_shop import write_synthetic_shop
from models.champion import read_champion
from models.errors import NoChampionError
from training.workspace_template import policy_template

OFFER = """
[actions.big_basket_email]
label = "Free delivery for a large basket"
channels = ["email"]
value = "offer"
offer = "big_basket"
margin = 60.0
offer_cost = 4.90
"""


def trained_shop(folder: Path, *, customers: int) -> Path:
    """A workspace of so many customers in `folder`: the policy that `tercet init` writes, with an action for the offer.

    One that already has a champion is taken as it is; delete the folder to train anew.
    """
    workspace = folder / f"trained_{customers}"
    try:
        read_champion(workspace)
    except NoChampionError:
        write_synthetic_shop(workspace, customers=customers)
        (workspace / "policy.toml").write_text(policy_template() + OFFER, encoding="utf-8")
        tercet(workspace, "train")
        tercet(workspace, "promote", "--force", "--why", "only its speed is measured")
    return workspace


def tercet(workspace: Path, *words: str) -> str:
    """Run a command of ours on a workspace in a process of its own; what it printed, or an end with its complaint."""
    command = [sys.executable, "-m", "tercet", *words, "--workspace", str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"tercet {words[0]} failed: {done.stderr}")
    return done.stdout
