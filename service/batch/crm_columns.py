"""The columns that a CRM imports: one plain value each, under the field's usual names."""

import pyarrow as pa

LEADING_REASONS = 3


def crm_columns(table: pa.Table) -> pa.Table:
    """Scores, bands and segments, and of each score its leading reasons as short texts."""
    chosen: dict[str, pa.Array] = {}
    for name in table.column_names:
        if name.endswith("_reasons"):
            chosen |= leading_reasons(name, table[name].to_pylist())
        elif name == "audiences":
            joined = [None if names is None else "|".join(names) for names in table[name].to_pylist()]
            chosen[name] = pa.array(joined, pa.string())
        elif not name.endswith(("_base_value", "_other_contribution")):
            chosen[name] = table[name]
    return pa.table(chosen)


def leading_reasons(name: str, lists: list[list[dict[str, object]] | None]) -> dict[str, pa.Array]:
    """`churn_reason_1` and so on, of `churn_reasons`."""
    return {
        f"{name.removesuffix('s')}_{rank + 1}": pa.array(
            [reason_text(reasons[rank]) if reasons and rank < len(reasons) else None for reasons in lists], pa.string()
        )
        for rank in range(LEADING_REASONS)
    }


def reason_text(reason: dict[str, object]) -> str:
    """`days_since_last_order 74 raises`."""
    value = "missing" if reason["value"] is None else reason["value"]
    direction = "raises" if float(str(reason["contribution"])) > 0 else "lowers"
    return f"{reason['feature']} {value} {direction}"
