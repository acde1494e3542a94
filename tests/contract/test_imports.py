"""Dependencies point one way: training -> models <- service. mlflow is imported in four files alone."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MLFLOW_FILES = {
    "training/registry/mlflow_session.py",
    "training/registry/mlflow_tracking.py",
    "training/registry/pyfunc_model.py",
    "service/worker/champion_watcher.py",
}
ITEM_FIELDS = {"models/scored/item_parts.py", "models/items/item_fields.py"}


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def imported_packages(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def product_files() -> list[Path]:
    folders = ("models", "training", "service")
    return [ROOT / "tercet.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]


def test_mlflow_is_imported_in_four_files_alone() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in product_files() if "mlflow" in imported_packages(path)}
    assert found == MLFLOW_FILES


def test_in_models_only_ingest_reads_files_and_only_the_workspace_and_the_item_s_fields_are_pydantic() -> None:
    for path in (ROOT / "models").rglob("*.py"):
        room = path.relative_to(ROOT / "models").parts[0].removesuffix(".py")
        imported = imported_packages(path)
        assert room == "ingest" or not imported & {"duckdb", "sqlalchemy", "pyarrow"}, path
        is_declaration = room == "workspace" or path.relative_to(ROOT).as_posix() in ITEM_FIELDS
        assert is_declaration or "pydantic" not in imported, path


def test_no_room_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "base", "manager", "core", "misc"}
    assert not [path for path in product_files() if path.stem in drawers or path.parent.name in drawers]
