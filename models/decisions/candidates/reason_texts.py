"""Texts of amounts, contacts and times in the reasons of rejections."""

from models.rows.history import MICROSECONDS_PER_DAY
from models.workspace import Config


def money(config: Config, minor: float) -> str:
    """An amount in minor units, in the currency's major unit."""
    digits = len(str(config.minor_units)) - 1
    return f"{minor / config.minor_units:.{digits}f} {config.business.currency}"


def contacts(number: int) -> str:
    """A number of contacts."""
    return "1 contact" if number == 1 else f"{number} contacts"


def days_ago(now: int, at: int) -> str:
    """How long before `now` an instant lies."""
    days = (now - at) // MICROSECONDS_PER_DAY
    return "less than a day ago" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"
