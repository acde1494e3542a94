"""The limits of what a value may be, whichever way it comes: from a file, a database, or over HTTP."""

from datetime import UTC, datetime

YEARS = (1900, 2200)
"""The first and the last year in which a row may lie. Years outside are slips: 0024 is a year of two digits."""
LARGEST_EXACT = 2**53
"""Money has fewer minor units than this, whatever its sign: sums of them are exact."""
LONGEST_ID = 200
LONGEST_TEXT = 1000
"""In characters, of what is sent and stored. A file may have longer ones, whom only batches can score; `tercet check`
says so.
"""

FIRST_INSTANT = int(datetime(YEARS[0], 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
END_OF_INSTANTS = int(datetime(YEARS[1] + 1, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
"""The years as instants, in microseconds since 1970 UTC: from the first on, before the end."""
