"""Required columns: the columns of a history that expressions read."""

from collections.abc import Iterable

from models.features.language.available_columns import CUSTOMERS
from models.features.language.expressions import Aggregate, DaysSince, Expression, Profile, YearsSince, parts_of

PURCHASES, LINES = "purchases", "orders"
LINE_COLUMNS = ("order", "amount", "margin", "quantity")
"""What purchases are made of: columns of the table of order lines."""
OF_WORDS = ("nunique", "top_share")


def columns_of(expressions: Iterable[tuple[Expression, bool]]) -> dict[tuple[str, str], bool]:
    """The columns of tables and of "customers" that these read, and of each whether it is read as words."""
    columns: dict[tuple[str, str], bool] = {}

    def read(table: str, column: str | None, words: bool) -> None:
        if column is not None:
            columns[table, column] = columns.get((table, column), False) or words

    def visit(expression: Expression, words: bool) -> None:
        match expression:
            case Aggregate(selection, how, column):
                source = LINES if selection.table == PURCHASES else selection.table
                read(source, column, words or how in OF_WORDS)
                if selection.where is not None:
                    read(source, selection.where.column, isinstance(selection.where.operand, str))
                for line in LINE_COLUMNS if selection.table == PURCHASES else ():
                    read(source, line, False)
            case Profile(column) | DaysSince(column) | YearsSince(column):
                read(CUSTOMERS, column, words)
            case _:
                for part in parts_of(expression):
                    visit(part, False)

    for expression, words in expressions:
        visit(expression, words)
    return columns
