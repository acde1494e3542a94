"""Finding codes of preflight; docs/data-contract.md lists them, and a test compares."""

SERIOUS_SHARE = 0.01
"""From this share of a table's rows on, or of the money in them, what is wrong with rows is an error."""

MEANINGS = {
    "101": "rows with the identity of an earlier row",
    "102": "order lines that are exact twins; they are kept",
    "103": "rows of customers whom the `customers` table does not have",
    "104": "rows from the future",
    "105": "times that cannot be read",
    "106": "blanks where every row needs a value",
    "107": "values that cannot be read, or outside what the column allows",
    "108": "broken lines of a CSV file",
    "109": "amounts in another currency than the business's",
    "110": "subscriptions that end before they start",
    "111": "ids that are no people: a word for nobody, or one id with an outsized share of a table's rows",
    "112": "ids as a spreadsheet shows large numbers, `4.90000E+11`: each may stand for many customers",
    "113": "ids that differ by case, blanks, leading zeros or a trailing `.0` alone",
    "114": "amounts in a currency that the table `rates` has no rate for at their time",
    "115": "rates of the business's own currency that are not 1: they may be of another currency's units",
    "201": "a column with one value only",
    "202": "a column without any value",
    "203": "a table without rows",
    "204": "amounts that jump about a hundredfold: a change of unit or of currency",
    "205": "a text column with nearly a word of its own for every customer",
    "206": "birth years that cannot be",
    "207": "an excluded column that the source does not have",
    "208": "a sensitive column that no table has",
    "209": "a column nearly all of whose values are numbers, or times, and which a few words make a category",
    "301": "too little history for one window of a score's horizon",
    "302": "too little history for the burn-in before a window: shorter windows are learnt from, or a baseline serves",
    "303": "an outcome that everyone shares, or nobody",
    "304": "too few customers, or too few with the outcome: a baseline will be served",
    "305": "a label column that the table does not have",
    "306": "a clock that is ahead of the newest row by more than a tenth of a score's horizon",
    "307": "features that are the same for every customer: all that can be told is the mean",
    "308": "order lines without a margin, where it is what customers are valued by",
    "309": "no feature to learn from: every column is sensitive, an outcome, excluded, or an id or free text",
    "401": "a column that alone tells the outcome: an AUC above 0.95, or no doubt about a quarter of both kinds",
    "402": "a column that is the outcome in other words",
    "403": "attributes without an instant beside outcomes that have one",
    "404": "a column without an instant that holds dates later than what it is learnt beside",
    "405": "a column without an instant that follows a total over the whole history",
    "406": "a column with a word (or blank) that goes with one outcome alone",
    "501": "nobody may be profiled",
    "502": "customers without a recorded consent to profiling, beside others with one",
    "503": "consents in the store of ids that no table and no event has: perhaps mistyped",
}
"""What each code means, without its letter: E is an error, W a warning."""


def by_share(number: str, count: int, rows: int, money_share: float | None = None) -> str:
    """The code of something that is wrong with `count` of `rows` rows, and with a share of all money, if that is known.

    >>> by_share("105", 3, 10_000), by_share("105", 300, 10_000), by_share("105", 3, 10_000, 0.2)
    ('W105', 'E105', 'E105')
    """
    share = max(count / rows if rows else 1.0, money_share or 0.0)
    return f"{'E' if share >= SERIOUS_SHARE else 'W'}{number}"
