"""What was known at an instant: rows strictly before it, and nothing else.

Features and targets see a history only through this view.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from models.rows.history import ALWAYS, Floats, History


@dataclass(frozen=True, slots=True)
class AsOf:
    """A history as it was known at `as_of` (microseconds since 1970 UTC).

    The end of a subscription that had not ended yet is missing. With `since`, what came from `since` to `as_of`: rows
    before it do not count either, which is how targets look at the window after a snapshot. What `value_of` has
    computed is kept in `values`: several targets ask for the same.
    """

    history: History
    as_of: int
    since: int = ALWAYS
    values: dict[Hashable, Floats] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.history)
