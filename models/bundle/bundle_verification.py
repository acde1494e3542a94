"""Verification of a bundle from elsewhere: first loaded in a child process, where a crash or hang does no harm."""

import json
import subprocess
import sys
from pathlib import Path

from models.bundle.bundle import RETRAIN, Bundle, read_bundle, read_manifest
from models.bundle.golden_rows import golden_gap
from models.errors import BundleError

TOLERANCE = 1e-9
PATIENCE_SECONDS = 120


def verify_bundle(directory: Path) -> Bundle:
    """Hashes, structure, then golden rows in a child process; only then is it loaded here. BundleError otherwise."""
    read_manifest(directory)
    command = [sys.executable, "-m", "models.bundle.bundle_verification", str(directory)]
    root = str(Path(__file__).resolve().parents[2])
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, cwd=root, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError("the model hangs when it is used", where=str(directory), fix=RETRAIN) from error
    if child.returncode != 0:
        last = (child.stderr.strip().splitlines() or [f"it ended with status {child.returncode}"])[-1]
        raise BundleError(f"the bundle failed its verification: {last}", where=str(directory), fix=RETRAIN)
    return read_bundle(directory)


def check_golden_rows(directory: Path) -> None:
    """Raise BundleError unless every model reproduces the scores of its golden rows."""
    bundle = read_bundle(directory)
    golden = json.loads((directory / "golden.json").read_text(encoding="utf-8"))
    for score, model in bundle.models.items():
        gap = golden_gap(model, golden[score])
        if not gap <= TOLERANCE:
            raise BundleError(f"{score} does not reproduce its golden rows (off by {gap:.3g})", where=str(directory))


if __name__ == "__main__":
    try:
        check_golden_rows(Path(sys.argv[1]))
    except BundleError as error:
        sys.exit(error.what)
