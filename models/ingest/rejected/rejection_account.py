"""What was put aside of a table of the workspace, each with its values, what mends it and how much money it holds."""

from dataclasses import replace

import duckdb

from models.ingest.columns.ingest_account import Rejection
from models.ingest.rejected.refused_values import refused_values
from models.ingest.rejected.rejected_money import money_shares
from models.ingest.rejected.rejections import rejections
from models.ingest.remedies.table_remedies import mend
from models.ingest.staging.staged_table import Staged


def mended_rejections(connection: duckdb.DuckDBPyConnection, staged: Staged) -> list[Rejection]:
    """As `models.ingest.rejected.rejections.rejections`; the whole column is read for each that may be mended."""
    found = rejections(connection, staged)
    if not found:
        return []
    remedies, mended = mend(connection, staged, dict.fromkeys(one.reason for one in found))
    if staged.source.encoding_remedy is not None:
        remedies["broken line"] = staged.source.encoding_remedy
    shares = money_shares(connection, staged, mended)
    return [
        replace(
            one,
            remedy=remedies.get(one.reason),
            money_share=None if one.keeps_row else shares.get(one.reason),
            values=refused_values(connection, staged, one),
        )
        for one in found
    ]
