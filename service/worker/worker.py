"""Worker process: its served state, access control, and the thread that keeps both up to date."""

import asyncio
import functools
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine
from starlette.types import Scope

from models.errors import TercetError
from models.ingest import wall_clock
from models.workspace import load_workspace
from service.runtime.logbook import note
from service.runtime.problems import Problem, problem_of
from service.runtime.settings import Settings
from service.score_requests.served_state import Serving
from service.store.database.engine import check_store, open_store
from service.store.idempotency import forget_old_answers
from service.store.states.customer_lookup import LiveTables
from service.worker.access_control import Access, DevelopmentAccess, KeyAccess
from service.worker.champion_watcher_supervisor import ChampionWatcherSupervisor
from service.worker.metrics import Telemetry
from service.worker.reload_and_warm_up import Reloader

P = ParamSpec("P")
R = TypeVar("R")
FORGET_SECONDS = 3600.0
"""How often answers that are kept for retries are looked through for old ones."""
SWITCH_SECONDS = 0.0005
"""How long a thread that answers many customers may keep one who asks for a single one waiting, at a time."""
STARTING = Problem(503, "starting", "The service is loading the workspace.", headers={"retry-after": "2"})


class Worker:
    """Serves one immutable `Serving` at a time; a change that cannot be served leaves the last one in place."""

    def __init__(self, settings: Settings, telemetry: Telemetry) -> None:
        self.settings = settings
        self.telemetry = telemetry
        self._serving: Serving | None = None
        self._store: Engine | None = None
        self._access: Access | None = DevelopmentAccess() if settings.dev else None
        self._obstacles: dict[str, Problem] = {"workspace": STARTING}
        self._reloader = Reloader(settings.workspace.resolve(), settings.remembered_customers)
        self._watch = ChampionWatcherSupervisor(settings) if settings.registry else None
        self._supervisor = os.getppid()
        self._forget_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow", daemon=True)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="score")

    def start(self) -> None:
        """Load and follow in a thread: probes answer from the first moment."""
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread.start()

    def stop(self) -> None:
        """Stop following; what is being answered is answered."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def serving(self) -> Serving:
        """The served state; raises a 503 problem with the reason if there is none, or no consent is known."""
        if "store" in self._obstacles:
            raise replace(self._obstacles["store"])
        if self._serving is None:
            raise replace(self._obstacles.get("workspace", STARTING))
        return self._serving

    @property
    def access(self) -> Access:
        """Who may call; a 503 problem while the store of keys cannot be opened."""
        if self._access is None:
            raise replace(self._obstacles.get("store", STARTING))
        return self._access

    @property
    def store(self) -> Engine:
        """The store; a 503 problem while it cannot be used."""
        if self._store is None or "store" in self._obstacles:
            raise replace(self._obstacles.get("store", STARTING))
        return self._store

    @property
    def live(self) -> LiveTables:
        """The tables with the store on top, with or without anything to score by; else a 503 problem."""
        if self._reloader.live is None:
            raise replace(self._obstacles.get("workspace", STARTING))
        return self._reloader.live

    def admit(self, request: Scope) -> None:
        """Raise a 403 problem for a request that may not even knock."""
        if self._access is not None:
            self._access.admit(request)

    def obstacle(self) -> Problem | None:
        """Why the service is not ready, or None."""
        if self._store is None or self._access is None or "store" in self._obstacles:
            return self._obstacles.get("store", STARTING)
        return self._obstacles.get("workspace", STARTING) if self._serving is None else None

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do work that takes long off the event loop; the deadline can leave it behind."""
        bound = functools.partial(work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, bound)

    def _follow(self) -> None:
        while True:
            self._attempt("store", self._follow_store)
            self._attempt("workspace", self._follow_workspace)
            self._attempt("answers", self._forget_answers)
            if self._watch is not None:
                self._attempt("registry", self._watch.keep_running)
            if self._stopping.wait(self.settings.follow_seconds):
                return
            if os.getppid() != self._supervisor:  # it was killed: a new one could not have the port while we are here
                note("the supervisor has gone", 40)
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _attempt(self, what: str, step: Callable[[], None]) -> None:
        """One step that must not end the thread. The same failure is logged once."""
        try:
            step()
        except TercetError as error:
            problem = problem_of(error)
            self._report(what, Problem(503, problem.name, problem.detail, headers={"retry-after": "5"}), error)
        except Exception as error:  # noqa: BLE001 - the thread must go on; the log has the place
            self._report(what, Problem(503, "unavailable", f"The {what} cannot be used; see the log."), error)
        else:
            if what != "workspace":  # there, only a new `Serving` clears the way
                self._obstacles.pop(what, None)

    def _report(self, what: str, problem: Problem, error: Exception) -> None:
        known = self._obstacles.get(what)
        if known is None or known.detail != problem.detail:
            self._obstacles[what] = problem
            self.telemetry.reloads.labels(what, "failed").inc()
            reason = str(error) if isinstance(error, TercetError) else type(error).__name__
            note(f"{what} cannot be used", 30, error=error, reason=reason, still_serving=self._serving is not None)

    def _follow_store(self) -> None:
        if self._store is None:
            self._store = open_store(self.settings.store_url)
        check_store(self._store)
        if self.settings.dev:
            return
        if isinstance(self._access, KeyAccess):
            self._access.reload()
        else:
            self._access = KeyAccess(self._store, wall_clock)

    def _forget_answers(self) -> None:
        """Also where no new request with a key comes to do it: an answer tells of customers."""
        if self._store is not None and time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_SECONDS
            forget_old_answers(self._store, wall_clock())

    def _follow_workspace(self) -> None:
        if self._store is None:
            load_workspace(self.settings.workspace)  # says if there is no such folder, where the store would be
            return
        new = self._reloader.follow(self._store)
        if new is None:
            return
        self._serving = new
        self._obstacles.pop("workspace", None)
        let_be_collected_seldom()
        self.telemetry.reloads.labels("workspace", "done").inc()
        self.telemetry.ready.set(1)
        self.telemetry.loaded_at.set_to_current_time()
        self.telemetry.bundle_version.set(float(new.bundle_version) if new.bundle_version.isdecimal() else 0.0)
        note(
            "serving",
            workspace=new.workspace.name,
            bundle_version=new.bundle_version,
            bundle=new.bundle.digest[:16],
            policy_version=new.workspace.policy_version,
            customers=len(new.live.base.history),
        )


def let_be_collected_seldom() -> None:
    """What is loaded stays: the garbage collector need not look at it, which would make the slowest answers slower."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
