"""Kernels are compiled anew whenever something that they were compiled from has changed, and only then."""

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.compute import kernel_cache
from tests.builders.forked_processes import ForkingProcess, forking_process

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
CACHES = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")

BELOW = """
from numba import njit, types
from models.compute.kernel_cache import kernel

FACTOR = 2.0

@kernel(types.float64(types.float64))
def raised(x):
    return x + 1.0

@njit(inline="always")
def halved(x):
    return x / 2.0
"""
ABOVE = """
from numba import types
from models.compute.kernel_cache import kernel
from models.below import (
    FACTOR,
    halved,  # a comment (with brackets)
    raised,
)

@kernel(types.UniTuple(types.float64, 3)(types.float64))
def computed(x):
    return FACTOR * x, raised(x), halved(x)
"""
RUN = """
import json
from models.above import computed
print(json.dumps({"values": computed(10.0), "from_cache": bool(computed.stats.cache_hits)}))
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with a package `models` of one kernel, which takes a constant and two functions from another file."""
    return small_models(tmp_path / "code")


def small_models(folder: Path) -> Path:
    for file in ("__init__.py", "compute/__init__.py", "compute/kernel_cache.py"):
        (folder / "models" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "models" / file, folder / "models" / file)
    (folder / "models/below.py").write_text(BELOW)
    (folder / "models/above.py").write_text(ABOVE)
    (folder / "models/elsewhere.py").write_text("from models.above import computed\n")
    return folder


@pytest.fixture(scope="module")
def processes() -> Iterator[ForkingProcess]:
    with forking_process() as forking:
        yield forking


Run = Callable[..., Any]


@pytest.fixture
def run(processes: ForkingProcess) -> Run:
    def run_script(code: Path, cache: Path, script: str = RUN, *, full_disk: bool = False) -> Any:
        """What the script prints as JSON, in a process that has imported nothing of `code` before."""
        return processes.run(code, script, os.environ | {"NUMBA_CACHE_DIR": str(cache)}, full_disk=full_disk)

    return run_script


def run_alone(code: Path, cache: Path, script: str) -> Any:
    """The same in a process that is started for it."""
    variables = os.environ | {"PYTHONPATH": str(code), "NUMBA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=code, env=variables, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_constant_that_a_kernel_takes_from_another_file_is_never_an_old_one(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__"))
    # One selection that loads column 0 of table 0 as what it calls 1; of one customer, who has 5 rows.
    script = """
import json, numpy as np
from models.features.kernels.layout import slots
numbers = lambda *rows: np.array(rows, np.int64)
print(json.dumps(slots(numbers([0] * 6 + [0, 1]), numbers([1, 0, 0]), numbers([0, 5]))))
"""
    program = tmp_path / "models/features/program/program.py"
    (words,) = [line for line in program.read_text().splitlines() if "WORDS" in line and "= range" in line]
    edit(program, words, f"{words}\nWORDS = 1")
    assert run_alone(tmp_path, tmp_path / "cache", script) == 16
    edit(program, "WORDS = 1", "WORDS = 2")
    assert run_alone(tmp_path, tmp_path / "cache", script) == 2


def test_what_a_kernel_takes_from_another_file_is_never_an_old_one(run: Run, code: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run(code, cache) == {"values": [20.0, 11.0, 5.0], "from_cache": False}
    assert run(code, cache) == {"values": [20.0, 11.0, 5.0], "from_cache": True}
    edit(code / "models/below.py", "FACTOR = 2.0", "FACTOR = 3.0")
    assert run(code, cache)["values"] == [30.0, 11.0, 5.0]
    edit(code / "models/below.py", "x + 1.0", "x + 7.0")
    assert run(code, cache)["values"] == [30.0, 17.0, 5.0]
    edit(code / "models/below.py", "x / 2.0", "x / 4.0")
    assert run(code, cache)["values"] == [30.0, 17.0, 2.5]


def test_a_change_elsewhere_compiles_nothing_and_equal_code_shares_its_kernels(
    run: Run, code: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    run(code, cache)
    edit(code / "models/elsewhere.py", "computed", "computed as other")
    assert run(code, cache)["from_cache"]
    assert run(small_models(tmp_path / "clone"), cache)["from_cache"]


def test_a_cache_that_cannot_be_written_or_read_changes_nothing(run: Run, code: Path, tmp_path: Path) -> None:
    expected = {"values": [20.0, 11.0, 5.0], "from_cache": False}
    (tmp_path / "file").write_text("no folder")
    assert run(code, tmp_path / "file") == expected
    assert run(code, tmp_path / "cache", full_disk=True) == expected
    run(code, tmp_path / "cache")
    for kept in (tmp_path / "cache").rglob("*.nb[ci]"):
        kept.write_bytes(kept.read_bytes()[:10])
    assert run(code, tmp_path / "cache") == expected
    assert run(code, tmp_path / "cache") == expected | {"from_cache": True}


def test_a_damaged_kernel_of_full_length_is_compiled_anew_and_replaced(run: Run, code: Path, tmp_path: Path) -> None:
    expected = run(code, tmp_path / "cache")
    for kept in (tmp_path / "cache").rglob("*.nbc"):
        content = bytearray(kept.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(64)
        kept.write_bytes(content)
    assert run(code, tmp_path / "cache") == expected
    assert run(code, tmp_path / "cache") == expected | {"from_cache": True}


def test_a_damaged_index_on_a_full_disk_changes_nothing(run: Run, code: Path, tmp_path: Path) -> None:
    expected = run(code, tmp_path / "cache")
    for kept in (tmp_path / "cache").rglob("*.nbi"):
        kept.write_bytes(kept.read_bytes()[:10])
    assert run(code, tmp_path / "cache", full_disk=True) == expected
    assert run(code, tmp_path / "cache") == expected


@pytest.mark.parametrize("cache_home", [None, "relative"])
def test_without_a_home_kernels_lie_beside_the_code(
    processes: ForkingProcess, code: Path, cache_home: str | None
) -> None:
    script = f"import pwd\ndef nobody(user):\n    raise KeyError(user)\npwd.getpwuid = nobody\n{RUN}"
    homeless = {name: value for name, value in os.environ.items() if name not in {*CACHES, "HOME"}}
    homeless |= {"XDG_CACHE_HOME": cache_home} if cache_home else {}
    assert not processes.run(code, script, homeless)["from_cache"]
    assert processes.run(code, script, homeless)["from_cache"]
    assert [file.name for file in code.iterdir()] == ["models"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_source_that_changed_after_it_was_imported_leaves_no_old_kernel(
    run: Run, code: Path, tmp_path: Path, replaced: bool
) -> None:
    edit(code / "models/above.py", "    FACTOR,\n", "")
    edit(code / "models/above.py", "import types", "import types\nfrom models.factor import FACTOR")
    (code / "models/factor.py").write_text("FACTOR = 2.0\n")
    (code / "models/new").write_text("FACTOR = 3.0\n")
    change = "os.replace('models/new', file)" if replaced else "shutil.copyfile('models/new', file)"
    script = f"import os, shutil, time, models.factor\nfile = models.factor.__file__\ntime.sleep(0.1)\n{change}\n{RUN}"
    assert run(code, tmp_path / "cache", script)["values"][0] == 20.0
    assert run(code, tmp_path / "cache")["values"][0] == 30.0


def test_code_that_the_process_itself_has_fetched_has_its_kernels_from_the_cache(
    run: Run, code: Path, tmp_path: Path
) -> None:
    script = "import shutil, sys, time\nshutil.copytree('models', 'fetched/models', dirs_exist_ok=True)\n"
    script += f"time.sleep(0.1)\nsys.path.insert(0, 'fetched')\n{RUN}"
    assert not run(code, tmp_path / "cache", script)["from_cache"]
    assert run(code, tmp_path / "cache", script)["from_cache"]


def test_folders_that_nothing_has_used_for_thirty_days_are_removed(run: Run, code: Path, tmp_path: Path) -> None:
    def age(folder: Path, days: int) -> None:
        os.utime(folder, (time.time() - days * 86_400,) * 2)

    cache = tmp_path / "cache" / "tercet"
    unused, recent, foreign = (cache / name for name in ("models.a-" + "0" * 32, "models.a-" + "1" * 32, "models.a"))
    run(code, tmp_path / "cache")
    used = [*cache.iterdir()]
    for folder, days in ((unused, 31), (recent, 29), (foreign, 31)):
        folder.mkdir()
        (folder / "kernel.nbc").write_bytes(b"")
        age(folder, days)
    for folder in used:
        age(folder, 31)
    assert run(code, tmp_path / "cache")["from_cache"]
    kernel_cache.remove_unused(cache)
    assert {*cache.iterdir()} == {*used, recent, foreign}


def test_the_imports_of_every_file_are_read_as_pythons_own_parser_reads_them() -> None:
    for file in [file for package in ("models", "service", "training") for file in (ROOT / package).rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        modules = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules |= {f"{node.module}.{alias.name}" for alias in node.names}
        found = kernel_cache.imported_names(text, ["models", "any"])
        assert {name for name in found if not any(other.startswith(f"{name}.") for other in found)} <= modules <= found


def test_imports_of_every_form_are_followed() -> None:
    text = "import a.b, c\nif True:\n    from . import d\nfrom .. import e\nfrom ..f.g import (h,  # (\n i as j)\n"
    assert kernel_cache.imported_names(text, ["models", "room"]) >= {
        *("a.b", "c", "models.room.d", "models.e", "models.f.g.h", "models.f.g.i")
    }


def test_no_kernel_is_kept_by_numba_itself() -> None:
    files = [file for package in ("models", "service", "training") for file in (ROOT / package).rglob("*.py")]
    assert [file for file in files if "cache=True" in file.read_text(encoding="utf-8")] == []
