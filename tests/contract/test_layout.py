"""Where files lie: few at the roots, every folder with its sentence, no circles, no two classes of one name."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_AT_THE_ROOT = {"models": 3, "service": 4, "training": 6}
SMALL = 60
MOST_SMALL_FOR_ONE = 10
"""Files of fewer lines than SMALL that only one other imports: they may belong into that other."""
SUPPRESSION = re.compile(r"#\s*(?:type:\s*ignore\[[\w, -]+\]|(?:ruff:\s*)?noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)")
REASON = re.compile(r"\s+(?:[-#]|[(])\s*\w.{6,}")


@cache
def files_of(*folders: str) -> dict[str, Path]:
    """Each Python file by its module's name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def product() -> dict[str, Path]:
    return files_of("models", "service", "training")


@cache
def imports_of(module: str) -> frozenset[str]:
    """The product's modules that a module imports, wherever in it."""
    known, found = product(), set()
    for node in ast.walk(ast.parse(known[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            within = {f"{node.module}.{name.name}" for name in node.names}
            found |= (within & known.keys()) or {node.module}
    return frozenset(found & known.keys() - {module})


def folders_between() -> Iterator[tuple[str, str, str]]:
    """Each import as (folder, what of it imports, what of it is imported): the two differ below that folder."""
    for module in product():
        for imported in imports_of(module):
            one, other = module.split("."), imported.split(".")
            same = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
            if same is not None:
                yield ".".join(one[:same]), one[same], other[same]


@pytest.mark.parametrize(("package", "most"), MOST_AT_THE_ROOT.items())
def test_few_files_lie_at_a_packages_root(package: str, most: int) -> None:
    loose = {path.name for path in (ROOT / package).glob("*.py")} - {"__init__.py"}
    assert len(loose) <= most, loose


def test_nothing_lies_at_the_root_of_the_tests() -> None:
    assert {path.name for path in (ROOT / "tests").glob("*.py")} == {"__init__.py", "conftest.py"}


def test_unit_tests_lie_where_what_they_test_lies() -> None:
    for path in (ROOT / "tests" / "unit").rglob("*.py"):
        mirrored = ROOT / path.parent.relative_to(ROOT / "tests" / "unit")
        assert mirrored.is_dir(), path


def test_every_folder_says_in_one_sentence_what_it_holds() -> None:
    folders = {path.parent for path in product().values()}
    for folder in {folder for folder in folders if "migrations" not in folder.parts}:  # Alembic's, and no packages
        start = folder / "__init__.py"
        said = ast.get_docstring(ast.parse(start.read_text(encoding="utf-8"))) if start.exists() else None
        assert said, f"{folder} says nothing"
        assert re.fullmatch(r"[A-Z`][^\n]*\.", said), f"{start}: one sentence, in one line"


def test_no_two_folders_import_each_other() -> None:
    graphs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for folder, importing, imported in folders_between():
        graphs[folder][importing].add(imported)
    for folder, graph in graphs.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            pytest.fail(f"in {folder or 'the project'}: {' imports '.join(reversed(error.args[1]))}")


def test_a_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for module, path in product().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module)
    twice = {name: modules for name, modules in places.items() if len(modules) > 1}
    assert not twice


def test_small_files_that_one_other_imports_are_few() -> None:
    importers: dict[str, set[str]] = defaultdict(set)
    for module in product():
        for imported in imports_of(module):
            importers[imported].add(module)
    small = [
        module
        for module, path in product().items()
        if path.name != "__init__.py"
        and len(path.read_text(encoding="utf-8").splitlines()) < SMALL
        and len(importers[module]) == 1
    ]
    assert len(small) <= MOST_SMALL_FOR_ONE, "\n".join(f"{module} <- {importers[module]}" for module in small)


def test_what_silences_a_check_says_why() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files_of("models", "service", "training", "tests", "benchmarks").values()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#.*(type:\s*ignore|noqa)", line) and path != Path(__file__).resolve()
        for found in [SUPPRESSION.search(line)]
        if found is None or not REASON.match(line, found.end())
    ]
    assert not silent, "\n".join(silent)
