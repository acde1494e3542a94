"""`bentoml build` works, and what it built serves a workspace that lies elsewhere."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.runtime import version
from tests.builders.running_service import ROOT, running


@pytest.fixture(scope="module")
def bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a freshly built Bento."""
    home = tmp_path_factory.mktemp("bentoml")
    variables = os.environ | {"BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True"}
    command = [sys.executable, "-m", "bentoml", "build"]
    built = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (folder,) = (home / "bentos" / "tercet").glob("*/")
    return folder


def test_the_bento_stays_up_without_a_workspace_and_serves_one_that_is_moved_there(
    bento: Path, shop: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "bentoml", "serve", str(bento)]
    with running(tmp_path / "moved", tmp_path, ready=False, command=command, dev="1") as service:
        service.wait_for_log("there is no such folder")
        assert service.http.get("/readyz").status_code == 503
        assert service.score(customers=[{"customer_id": "C-005"}]).status_code == 503
        shutil.move(shop, tmp_path / "moved")
        service.wait_until(200)
        assert service.items("C-005")[0]["status"] == "scored"


def test_the_bento_holds_code_and_locked_requirements_and_no_data(bento: Path) -> None:
    packed = [path for path in (bento / "src").rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    kinds = {path.suffix for path in packed}
    assert kinds == {".py", ".mako", ".toml", ".yaml", ""}
    assert {path.name for path in (bento / "src").iterdir() if path.is_dir()} == {"models", "service"}
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    requirements = (bento / "env" / "python" / "requirements.txt").read_text(encoding="utf-8")
    assert "--hash=" in requirements
    assert "lightgbm==4.7.0" in requirements
    assert "pytest" not in requirements
    added = {line for line in requirements.splitlines() if "==" in line} - set(locked.splitlines())
    assert added <= {"bentoml==1.4.39"}  # which BentoML adds itself


def test_a_bento_knows_its_version_though_the_package_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = version.tercet_version()

    def missing(_: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert version.tercet_version() == installed
