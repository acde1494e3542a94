"""Work folder: a run's intermediate files, in `.run` within its folder, removed when the run is over.

.run/lock       held while a run writes to the folder
.run/staged/    everyone's rows (personal data), removed when the run ends; if it was killed, by the next one
.run/aside/     what was put aside of the tables (personal data), until it is moved into the run's folder
.run/facts/     of each part that is there, what the segment report needs
.run/previous   the workspace's last measured run when this one began; empty if there was none
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import DataError
from models.files.atomic_files import write_whole

HIDDEN = ".run"


@dataclass(frozen=True)
class WorkFolder:
    """The folders of a run that is under way."""

    out: Path

    @property
    def staged(self) -> Path:
        """Where rows are staged."""
        return self.out / HIDDEN / "staged"

    @property
    def aside(self) -> Path:
        """The folder that staging writes rejected rows to."""
        return self.out / HIDDEN / "aside"

    @property
    def facts(self) -> Path:
        """What the segment report is made of, a file a part."""
        return self.out / HIDDEN / "facts"

    @property
    def previous(self) -> Path:
        """What the segment report compares with."""
        return self.out / HIDDEN / "previous"

    def begin(self, latest: Path) -> None:
        """Keep the last measured run for a run that begins; one that is resumed has its own."""
        if not self.previous.exists():
            write_whole(self.previous, lambda draft: _copied(latest, draft))

    def done(self) -> None:
        """Nothing of it is needed any more."""
        shutil.rmtree(self.out / HIDDEN)


@contextmanager
def work_folder(out: Path) -> Iterator[WorkFolder]:
    """Hold the folder while a run writes to it. Raises DataError if it cannot be written to, or another run holds it.

    Afterwards only what a resumed run needs is left of it, and no folder where nothing was written.
    """
    work, was_there = WorkFolder(out), out.exists()
    with data_error_if_not_writable(out):
        (out / HIDDEN).mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (out / HIDDEN / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataError(
                "another run is writing to this folder", where=str(out), fix="wait until it ends"
            ) from error
        try:
            for personal in (work.staged, work.aside):
                shutil.rmtree(personal, ignore_errors=True)
            work.staged.mkdir()
            work.facts.mkdir(exist_ok=True)
            yield work
        finally:
            for personal in (work.staged, work.aside):
                shutil.rmtree(personal, ignore_errors=True)
            if not work.previous.exists():  # nothing has begun, or all is done
                shutil.rmtree(out / HIDDEN, ignore_errors=True)
            if not was_there and not any(out.iterdir()):
                out.rmdir()


def _copied(file: Path, draft: Path) -> None:
    """The file, or an empty one where it is not there."""
    if file.is_file():
        shutil.copyfile(file, draft)
    else:
        draft.touch()


@contextmanager
def data_error_if_not_writable(out: Path) -> Iterator[None]:
    """Raises a DataError where the folder cannot be written to."""
    try:
        yield
    except OSError as error:
        what = f"cannot write there ({error.strerror})"
        raise DataError(what, where=str(out), fix="choose a folder that you may write to") from error
