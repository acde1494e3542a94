"""The champion's bundle as a workspace's commands and workers open it, and how the tables are to be read for it."""

from models.bundle import Bundle, read_bundle
from models.champion import Champion
from models.errors import BundleError
from models.features.expressions import columns_read


def read_champion_bundle(champion: Champion) -> Bundle:
    """The champion's bundle, its hashes and structure checked; BundleError if it is not the one that was promoted."""
    bundle = read_bundle(champion.directory)
    if bundle.digest != champion.digest:
        raise BundleError(
            "the bundle is not the one that was promoted", where=str(champion.directory), fix="tercet promote"
        )
    return bundle


def numeric_columns(bundle: Bundle) -> dict[str, bool]:
    """Which columns of `attributes` the models learnt as numbers, by name; the others they learnt as words."""
    return {
        column: feature.kind == "number"
        for model in bundle.models.values()
        for feature in model.declarations
        for table, column in columns_read(feature.value)
        if table == "attributes" and column is not None
    }
