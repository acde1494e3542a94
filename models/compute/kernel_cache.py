"""Kernels: functions that numba compiles, kept on disk for as long as nothing that they were compiled from has changed.

numba's own cache goes by the file of the function alone. What it inlines from another file, and the constants that it
takes from there, stay as they were when that file changes. Here the key is a digest of the source of the kernel's
module and of every module of ours that it imports, directly or not; of the versions of Python, numba, llvmlite and
NumPy; and of the processor. Equal code has equal kernels wherever it lies: in a checkout, its clone, a Bento, or beside
a model that MLflow has fetched.
"""

import ast
import hashlib
import os
import pickle
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config as numba_config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, InTreeCacheLocator
from numba.core.registry import cpu_target
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

from models import STARTED

config: Any = numba_config  # whose names are set as it is imported
Kernel = TypeVar("Kernel", bound=Callable[..., Any])

ROOT = Path(__file__).parents[2]
"""What our packages lie in."""
DAY = 86_400
DAYS_KEPT = 30
"""A folder of kernels that no process has used for so long is removed."""
FOLDER = re.compile(r"[\w.]+-[0-9a-f]{32}")
IMPORT = re.compile(r"^[ \t]*((?:from[ \t]+[\w.]+[ \t]+import|import)\b(?:[^\n(]*\([^)]*\)|[^\n]*))", re.MULTILINE)


def kernel(signature: Any, *, error_model: Literal["python", "numpy"] = "python") -> Callable[[Kernel], Kernel]:
    """Compile a function for this signature as its module is imported, or take it from the cache.

    It releases the GIL. error_model: "numpy" to divide by zero without an error. A cache that can be neither read nor
    written is passed over, and the kernel compiled in every process.
    """

    def compiled(function: Kernel) -> Kernel:
        dispatcher: Any = numba.njit(nogil=True, error_model=error_model)(function)
        if not config.DISABLE_JIT:  # else numba hands the function itself back
            if kernel_folder(function.__module__) is not None:
                dispatcher._cache = _KernelCache(function)
            dispatcher.compile(signature)
            dispatcher.disable_compile()
        return cast(Kernel, dispatcher)  # called as the function is

    return compiled


@lru_cache(maxsize=1024)
def kernel_folder(module: str) -> Path | None:
    """Where the kernels of a module lie on disk, or will; None if nowhere."""
    digest = source_digest(module)
    if digest is None:
        return None
    folders = [parent / f"{module}-{digest}" for parent in cache_folders()]
    for folder in folders:
        if _has_kernels(folder):  # an empty one may be no place to write: all processes would compile
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > DAY:
                    os.utime(folder)  # in use
            return folder
    for folder in folders:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            return folder
    return None


def _has_kernels(folder: Path) -> bool:
    try:
        return any(file.suffix == ".nbi" and os.access(file, os.R_OK) for file in folder.iterdir())
    except OSError:
        return False


def cache_folders() -> list[Path]:
    """What folders of kernels may lie in: NUMBA_CACHE_DIR if set, or else the user's cache, or beside the code."""
    if config.CACHE_DIR:
        return [Path(config.CACHE_DIR).absolute() / "tercet"]
    of_user = Path(AppDirs(appname="tercet", appauthor=False).user_cache_dir)
    beside = Path(__file__).parent / "__pycache__" / "kernels"
    # Without a home it is "~/.cache", in whatever folder the process works in.
    return [of_user / "kernels", beside] if of_user.is_absolute() else [beside]


def source_digest(module: str) -> str | None:
    """32 hexadecimal digits for all that kernels of a module are compiled from; None if a source cannot be read."""
    try:
        sources = {name: _source(name) for name in sorted(modules_below(module))}
    except (OSError, ValueError):
        return None
    if max(source.changed_at for source in sources.values()) > STARTED:
        return None  # what was imported may be what stood there before
    digest = hashlib.sha256(repr((sys.version_info[:3], numba.__version__, llvmlite.__version__)).encode())
    digest.update(repr((np.__version__, cpu_target.target_context.codegen().magic_tuple())).encode())
    for name, source in sources.items():
        digest.update(f"{name}:{source.sha256}\n".encode())
    return digest.hexdigest()[:32]


def modules_below(module: str) -> set[str]:
    """The module and all modules of ours that it imports, directly or not, with the packages that they lie in."""
    known: set[str] = set()
    to_read = {module}
    while to_read:
        known |= to_read
        to_read = {imported for name in to_read for imported in _source(name).imports} - known
    return known


@lru_cache(maxsize=4096)
def source_file(module: str) -> Path | None:
    """The file of a module of ours; None if there is none of that name."""
    place = f"{ROOT}/{module.replace('.', '/')}"
    return next((Path(file) for file in (f"{place}.py", f"{place}/__init__.py") if os.access(file, os.R_OK)), None)


class _Source:
    """What was read of a source file. imports: the modules of ours that it names, and the packages that it lies in."""

    def __init__(self, file: Path, module: str) -> None:
        content = file.read_bytes()
        status = file.stat()
        self.changed_at = max(status.st_mtime, status.st_ctime)  # a file that was moved here keeps an old st_mtime
        self.sha256 = hashlib.sha256(content).hexdigest()
        package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
        names = {*_with_packages(module), *imported_names(content.decode(), package)}
        ours = (module.partition(".")[0], __name__.partition(".")[0])
        self.imports = [name for name in names if name.partition(".")[0] in ours and source_file(name)]


@lru_cache(maxsize=4096)
def _source(module: str) -> _Source:
    file = source_file(module)
    if file is None:
        raise FileNotFoundError(module)
    return _Source(file, module)


def imported_names(text: str, package: list[str]) -> set[str]:
    """The full names, with their packages, that the import statements of a source name; some may be no modules.

    To parse a whole file takes milliseconds, its import statements a tenth of one. Where one of them cannot be read by
    itself the whole file is parsed.
    """
    try:
        nodes: list[ast.AST] = [*ast.parse("\n".join(IMPORT.findall(text))).body]
    except SyntaxError:
        nodes = [*ast.walk(ast.parse(text))]
    return {name for node in nodes for name in _names_of(node, package)}


def _names_of(node: ast.AST, package: list[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _with_packages(alias.name)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else []
        origin = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            yield from _with_packages(f"{origin}.{alias.name}")


def _with_packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def remove_unused(parent: Path) -> None:
    """Remove the folders of kernels in `parent` that nothing has used for `DAYS_KEPT` days."""
    for folder in parent.iterdir():
        with suppress(OSError):
            if FOLDER.fullmatch(folder.name) and time.time() - folder.stat().st_mtime > DAYS_KEPT * DAY:
                shutil.rmtree(folder)


@lru_cache(maxsize=16)
def _remove_unused_once(parent: Path) -> None:
    remove_unused(parent)


class _Locator(InTreeCacheLocator):
    """Tells numba where a kernel lies."""

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> "_Locator":
        """Where the kernel of this function lies, which may be a folder that cannot be written."""
        located = cls(function, file)
        located._cache_path = str(kernel_folder(function.__module__))
        return located


class _KernelFiles(CompileResultCacheImpl):
    """How numba writes a kernel to files: with its SHA-256, since damaged machine code would end the process."""

    _locator_classes = (_Locator,)  # type: ignore[assignment] # numba only goes through them

    def reduce(self, compiled: Any) -> tuple[bytes, bytes]:
        """What is written of a kernel: its SHA-256 and itself."""
        payload = dumps(super().reduce(compiled))
        return hashlib.sha256(payload).digest(), payload

    def rebuild(self, target: Any, reduced: tuple[bytes, bytes]) -> Any:
        """The kernel that was written; ValueError if it is not the same any more."""
        sha256, payload = reduced
        if hashlib.sha256(payload).digest() != sha256:
            raise ValueError("a kernel in the cache is damaged")
        return super().rebuild(target, pickle.loads(payload))  # noqa: S301 - as numba itself would


class _KernelCache(FunctionCache):
    """numba's cache of one kernel, which never stands in the way of compiling it."""

    _impl_class = _KernelFiles

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The kernel, or None."""
        try:
            return super().load_overload(signature, target)
        except Exception:  # noqa: BLE001 - whatever a damaged file makes of itself: the kernel is compiled anew
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep the kernel where that is possible."""
        with suppress(Exception):  # it reads the index too, which may be damaged and on a full disk stays so
            super().save_overload(signature, compiled)
            _remove_unused_once(Path(self.cache_path).parent)
