"""A peer's own environment: made on the first run from its pinned requirements, and kept."""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def peer_environment(peer: str, folder: Path) -> Path:
    """The `bin` of an environment that has exactly what `<peer>.txt` lists; `folder` keeps it from run to run."""
    wanted = FOLDER / f"{peer}.txt"
    environment = folder / "environments" / peer
    made_from = environment / wanted.name
    if not made_from.exists() or made_from.read_bytes() != wanted.read_bytes():
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(wanted)]
        subprocess.run(install, check=True)
        shutil.copyfile(wanted, made_from)
    return environment / "bin"


def pinned(peer: str, package: str) -> str:
    """The version of a package that the peer's requirements name."""
    lines = (FOLDER / f"{peer}.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{package}=="))
