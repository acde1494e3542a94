"""Small workspaces, each with one fault that `tercet check` finds, and what is true once its fix is carried out."""

from tests.builders.faults.columns_and_outcomes import of_columns, of_consents, of_foreknowledge, of_outcomes
from tests.builders.faults.fault import GRANTED, NAMES, SHOP, Fault, Table, changed, people, with_rows
from tests.builders.faults.refused_values import of_refused_values
from tests.builders.faults.rows_and_ids import of_ids, of_rows

__all__ = ["FAULTS", "GRANTED", "NAMES", "SHOP", "Fault", "Table", "changed", "people", "with_rows"]
FAULTS = (
    *of_rows(),
    *of_refused_values(),
    *of_ids(),
    *of_columns(),
    *of_outcomes(),
    *of_foreknowledge(),
    *of_consents(),
)
