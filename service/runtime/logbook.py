"""The service's log: one event a line with its facts, no ids of customers and no personal data."""

import json
import logging
import sys
import time
import traceback
from pathlib import Path
from typing import Any

log = logging.getLogger("tercet")


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, event, and the record's `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; of an exception its kind and place, not its message, which may quote data."""
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": record.process,
        }
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= {"exception": type(record.exc_info[1]).__name__, "stack": places(record.exc_info[1])}
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """For people: time, level, event, facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        facts = "".join(f"  {name}={value}" for name, value in getattr(record, "facts", {}).items())
        line = f"{time.strftime('%H:%M:%S')} {record.levelname.lower():7} {record.getMessage()}{facts}"
        if record.exc_info and record.exc_info[1] is not None:
            line += f"  {type(record.exc_info[1]).__name__} at {' < '.join(reversed(places(record.exc_info[1])))}"
        return line


def places(error: BaseException) -> list[str]:
    """Where an exception came from: file, line and function of each frame."""
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]


def write_log(log_format: str) -> None:
    """Send the log of Tercet to standard error in this format ("json" or "plain")."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else PlainLines())
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def note(event: str, level: int = logging.INFO, *, error: BaseException | None = None, **facts: object) -> None:
    """Write one event with its facts to the log."""
    log.log(level, event, extra={"facts": facts}, exc_info=error)
