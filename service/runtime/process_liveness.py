"""Process liveness: whether a process with a given id still runs."""

import os


def is_running(process_id: int) -> bool:
    """Whether a process of this id exists."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
