"""Columns that do not hold what the models learnt them as: numbers where there were words, or words for numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from models.errors import DataError
from models.rows.tables import TableName

Learnt = Literal["numbers", "words"]
Now = Literal["numbers", "words", "dates", "yes or no"]
FEWEST = 20
"""With fewer values than these, a few cells that cannot be read are no sign that the column is another one."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """One column: what the models learnt it as, what most of its values are now (of words: all), how many of the
    `filled` ones, those that are not blank, are as they were learnt, and the first that is not.
    """

    table: TableName
    column: str
    learnt: Learnt
    now: Now
    fitting: int
    filled: int
    value: str

    @property
    def is_refused(self) -> bool:
        """Whether scoring everyone with it would mean nothing: a number of which more than half cannot be read."""
        return self.learnt == "numbers" and self.filled >= FEWEST

    def __str__(self) -> str:
        """What is told of it."""
        if self.learnt == "words":
            return f"the models learnt this column as words, and now all of its {self.filled} values are {self.now}"
        share = f"{(self.filled - self.fitting) / self.filled:.0%}"
        return (
            f"the models learnt this column as numbers, and {share} of its values "
            f"({self.filled - self.fitting} of {self.filled}) are none, such as {self.value!r}"
        )

    @property
    def where(self) -> str:
        """The column, as messages call it."""
        return f"tables.{self.table}: column {self.column}"


def refuse_misfits(misfits: Iterable[Misfit]) -> None:
    """Raises DataError for the first column with which scoring everyone would mean nothing."""
    for misfit in misfits:
        if misfit.is_refused:
            fix = "give the column the values that the champion was trained on, say what a value means under `columns`,"
            raise DataError(str(misfit), where=misfit.where, fix=f"{fix} or train again")
