"""The champion's bundle opened from a workspace, and the options for reading the tables that it needs."""

from models.bundle.bundle import Bundle, read_bundle
from models.bundle.champion import Champion
from models.errors import BundleError
from models.features.language.expressions import columns_read
from models.rows.tables import TableName


def read_champion_bundle(champion: Champion) -> Bundle:
    """The champion's bundle, its hashes and structure checked; BundleError if it is not the one that was promoted."""
    bundle = read_bundle(champion.directory)
    if bundle.digest != champion.digest:
        raise BundleError(
            "the bundle is not the one that was promoted", where=str(champion.directory), fix="tercet promote"
        )
    return bundle


def numeric_columns(bundle: Bundle) -> dict[TableName, dict[str, bool]]:
    """Which columns of `attributes` and `customers` the models learnt as numbers; the others they learnt as words."""
    read = [
        (of, column, feature.kind == "number")
        for model in bundle.models.values()
        for feature in model.declarations
        for of, column in columns_read(feature.value)
        if column is not None
    ]
    open_tables: tuple[TableName, ...] = ("customers", "attributes")
    return {table: {column: number for of, column, number in read if of == table} for table in open_tables}
