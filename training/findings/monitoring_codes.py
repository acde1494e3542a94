"""Finding codes of monitoring; docs/operations/monitoring.md lists them, and a test compares."""

MEANINGS = {
    "701": "the scores are spread otherwise than those of the customers at the cut-off",
    "702": "a feature is spread otherwise than it was at the cut-off",
    "703": "a feature is missing more often than it was at the cut-off",
    "704": "words of a category that the model has never seen",
    "705": "a table that the models read, from which nothing comes any more",
    "706": "far fewer customers to be scored than at the cut-off",
    "707": "a champion that keeps no profile of its population: an earlier version trained it",
    "710": "a band in which more, or less, came than was predicted",
    "711": "a total value that came out otherwise than was predicted",
    "712": "an order of customers that is worse than was promised",
    "713": "intervals that held fewer of the amounts than they promise",
}
"""What each code means, without its letter: E is an error, W a warning."""
