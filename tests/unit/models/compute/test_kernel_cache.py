"""Kernels are compiled anew whenever something that they were compiled from has changed, and only then."""

import ast
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.compute import kernel_cache

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]

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


def run(code: Path, cache: Path, script: str = RUN, before: Callable[[], None] | None = None) -> Any:
    """What the script prints as JSON."""
    variables = os.environ | {"PYTHONPATH": str(code), "NUMBA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=code, env=variables, capture_output=True, text=True, check=False, preexec_fn=before
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


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
    assert run(tmp_path, tmp_path / "cache", script) == 16
    edit(program, "WORDS = 1", "WORDS = 2")
    assert run(tmp_path, tmp_path / "cache", script) == 2


def test_what_a_kernel_takes_from_another_file_is_never_an_old_one(code: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run(code, cache) == {"values": [20.0, 11.0, 5.0], "from_cache": False}
    assert run(code, cache) == {"values": [20.0, 11.0, 5.0], "from_cache": True}
    edit(code / "models/below.py", "FACTOR = 2.0", "FACTOR = 3.0")
    assert run(code, cache)["values"] == [30.0, 11.0, 5.0]
    edit(code / "models/below.py", "x + 1.0", "x + 7.0")
    assert run(code, cache)["values"] == [30.0, 17.0, 5.0]
    edit(code / "models/below.py", "x / 2.0", "x / 4.0")
    assert run(code, cache)["values"] == [30.0, 17.0, 2.5]


def test_a_change_elsewhere_compiles_nothing_and_equal_code_shares_its_kernels(code: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run(code, cache)
    edit(code / "models/elsewhere.py", "computed", "computed as other")
    assert run(code, cache)["from_cache"]
    assert run(small_models(tmp_path / "clone"), cache)["from_cache"]


def test_a_cache_that_cannot_be_written_or_read_changes_nothing(code: Path, tmp_path: Path) -> None:
    expected = {"values": [20.0, 11.0, 5.0], "from_cache": False}
    (tmp_path / "file").write_text("no folder")
    assert run(code, tmp_path / "file") == expected
    assert run(code, tmp_path / "cache", before=full_disk) == expected
    run(code, tmp_path / "cache")
    for kept in (tmp_path / "cache").rglob("*.nb[ci]"):
        kept.write_bytes(kept.read_bytes()[:10])
    assert run(code, tmp_path / "cache") == expected
    assert run(code, tmp_path / "cache") == expected | {"from_cache": True}


def test_a_damaged_kernel_of_full_length_is_compiled_anew_and_replaced(code: Path, tmp_path: Path) -> None:
    expected = run(code, tmp_path / "cache")
    for kept in (tmp_path / "cache").rglob("*.nbc"):
        content = bytearray(kept.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(64)
        kept.write_bytes(content)
    assert run(code, tmp_path / "cache") == expected
    assert run(code, tmp_path / "cache") == expected | {"from_cache": True}


def test_a_damaged_index_on_a_full_disk_changes_nothing(code: Path, tmp_path: Path) -> None:
    expected = run(code, tmp_path / "cache")
    for kept in (tmp_path / "cache").rglob("*.nbi"):
        kept.write_bytes(kept.read_bytes()[:10])
    assert run(code, tmp_path / "cache", before=full_disk) == expected
    assert run(code, tmp_path / "cache") == expected


@pytest.mark.parametrize("cache_home", [None, "relative"])
def test_without_a_home_kernels_lie_beside_the_code(code: Path, tmp_path: Path, cache_home: str | None) -> None:
    script = f"""
import os, pwd
def nobody(user):
    raise KeyError(user)
pwd.getpwuid = nobody
for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
    os.environ.pop(name, None)
os.environ |= {{"XDG_CACHE_HOME": {cache_home!r}}} if {cache_home!r} else {{}}
{RUN}"""
    assert not run(code, tmp_path / "cache", script)["from_cache"]
    assert run(code, tmp_path / "cache", script)["from_cache"]
    assert [file.name for file in code.iterdir()] == ["models"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_source_that_changed_after_it_was_imported_leaves_no_old_kernel(
    code: Path, tmp_path: Path, replaced: bool
) -> None:
    edit(code / "models/above.py", "    FACTOR,\n", "")
    edit(code / "models/above.py", "import types", "import types\nfrom models.factor import FACTOR")
    (code / "models/factor.py").write_text("FACTOR = 2.0\n")
    (code / "models/new").write_text("FACTOR = 3.0\n")
    change = "os.replace('models/new', file)" if replaced else "shutil.copyfile('models/new', file)"
    script = f"import os, shutil, time, models.factor\nfile = models.factor.__file__\ntime.sleep(0.1)\n{change}\n{RUN}"
    assert run(code, tmp_path / "cache", script)["values"][0] == 20.0
    assert run(code, tmp_path / "cache")["values"][0] == 30.0


def test_code_that_the_process_itself_has_fetched_has_its_kernels_from_the_cache(code: Path, tmp_path: Path) -> None:
    script = "import shutil, sys, time\nshutil.copytree('models', 'fetched/models', dirs_exist_ok=True)\n"
    script += f"time.sleep(0.1)\nsys.path.insert(0, 'fetched')\n{RUN}"
    assert not run(code, tmp_path / "cache", script)["from_cache"]
    assert run(code, tmp_path / "cache", script)["from_cache"]


def test_folders_that_nothing_has_used_for_thirty_days_are_removed(code: Path, tmp_path: Path) -> None:
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
