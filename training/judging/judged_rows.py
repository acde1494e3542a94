"""What a score was judged on, row by row: kept in memory for whoever pools or parts it, in no artefact."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Floats


@dataclass(frozen=True)
class JudgedRows:
    """What came and what was predicted, a row a customer.

    customers: ids. actual: (rows,), in the score's own unit. predicted: (rows,) each, by the score (under the name
    `judging.OURS`) and by each baseline.
    """

    customers: NDArray[np.object_]
    actual: Floats
    predicted: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.actual)

    def take(self, rows: Booleans) -> "JudgedRows":
        """Only these rows."""
        predicted = {name: values[rows] for name, values in self.predicted.items()}
        return JudgedRows(self.customers[rows], self.actual[rows], predicted)
