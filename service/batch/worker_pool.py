"""Worker pool: processes that share the blocks of a run, one per core, each with one thread."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Generic, TypeVar

import pyarrow as pa

from models.compute.cores import thread_limits
from models.errors import TercetError

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerDiedError(TercetError):
    """A process ended in the middle of its work."""


class WorkerPool(Generic[Task, Result]):
    """Runs tasks in so many processes, or in this one if there is to be one; all of them end on exit.

    work: what is done with a task; it is pickled to each process.
    """

    def __init__(self, work: Callable[[Task], Result], processes: int) -> None:
        self._work, self._processes = work, processes
        self._workers: dict[Connection, SpawnProcess] = {}

    def __enter__(self) -> "WorkerPool[Task, Result]":
        if self._processes > 1:
            with _environment(thread_limits(1)):
                for _ in range(self._processes):
                    self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._workers.values():
            process.kill()
        for process in self._workers.values():
            process.join()

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """The result of each task, in the order in which they are done.

        Raises what a task raised, and WorkerDiedError if a process was killed.
        """
        if not self._workers:
            yield from map(self._work, tasks)
            return
        left, idle, busy = iter(tasks), list(self._workers), dict[Connection, Task]()
        while True:
            while idle and (task := next(left, None)) is not None:
                connection = idle.pop()
                busy[connection] = task
                self._send(connection, task)
            if not busy:
                return
            for ready in wait(list(busy)):
                connection = next(one for one in busy if one is ready)
                del busy[connection]
                idle.append(connection)
                yield self._result(connection)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_worker, args=(theirs, self._work), daemon=True)
        process.start()
        theirs.close()  # so that its end is seen here when the process ends
        self._workers[ours] = process

    def _send(self, connection: Connection, task: Task) -> None:
        try:
            connection.send(task)
        except OSError as ended:
            raise _died(self._workers[connection]) from ended

    def _result(self, connection: Connection) -> Result:
        result: Result
        try:
            result, error = connection.recv()
        except (EOFError, ConnectionResetError) as ended:
            raise _died(self._workers[connection]) from ended
        if error is not None:
            raise error
        return result


def _died(process: SpawnProcess) -> WorkerDiedError:
    process.join()
    code = process.exitcode or 0
    how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
    because = ", as the system does when memory runs out" if code == -signal.SIGKILL else ""
    fix = "--resume goes on from what is written; --processes 1 needs less memory"
    return WorkerDiedError(f"a worker process {how}{because}", fix=fix)


def _worker(connection: Connection, work: Callable[[Task], Result]) -> None:
    """Does tasks until the other end is closed. Ctrl-C is for the parent to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pa.set_cpu_count(1)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            connection.send((work(task), None))
        except Exception as error:  # noqa: BLE001 - it is raised again where it is told
            connection.send((None, error))


def _end_with_parent() -> None:
    """A parent that was killed cannot end its processes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Sets these variables for processes that are started; the earlier values are restored afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
