"""Features that drift because time passes, whatever the customers do."""

from models.features.language.expressions import DAYS_AGO, Aggregate, DaysSince, Expression, Profile, YearsSince

PILES_UP = {"count", "sum", "nunique", "max"}


def grows_with_time(expression: Expression) -> bool:
    """Whether the value of one and the same customer can hardly but grow: ages, totals so far, the time since a start.

    >>> from models.features.language.expressions import rows
    >>> grows_with_time(rows("purchases").count()), grows_with_time(rows("purchases", days=90).count())
    (True, False)
    """
    match expression:
        case DaysSince() | YearsSince():
            return True
        case Aggregate(selection, how, column) if selection.days is None and selection.table != "attributes":
            return how in ({"first", "max"} if column == DAYS_AGO else PILES_UP)
        case _:
            return False


def is_read_directly(expression: Expression) -> bool:
    """Whether a missing value means that the source has none, rather than that a customer did nothing lately."""
    match expression:
        case Profile() | DaysSince() | YearsSince():
            return True
        case Aggregate(selection, _, _):
            return selection.table == "attributes"
        case _:
            return False
