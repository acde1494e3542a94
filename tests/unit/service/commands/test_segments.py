"""The tables of `tercet segments`."""

import io

import pytest
from rich.console import Console

from service.commands.segments import fitting

KPIS = ("retention", "basket", "clv", "churn", "satisfaction")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_heading_and_no_figure_is_cut_however_narrow_the_terminal(width: int) -> None:
    figures = dict.fromkeys(KPIS, 11_636.0)
    row = {"segment": "potential_loyalist", "customers": 3621, "share": 0.59, "revenue_share": 0.113, "kpis": figures}
    console = Console(width=width, file=io.StringIO())
    console.print(fitting(console, "rfm", [row], KPIS))
    told = console.file.getvalue()  # type: ignore[attr-defined] # written to memory
    assert "…" not in told
    assert "potential_loyalist" in told
    assert ("satisfaction" in told) == (width == 200)
