"""Times and amounts in any usual way of writing are read by the lines that are printed for `tercet.toml`."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import micros
from tests.builders.narrowing import present
from tests.builders.order_cells import amounts, fix_of_nobody, instants, orders

FORMATS = ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y.%m.%d", "%d %b %Y", "%B %d, %Y", "%m-%d-%y", "%y/%m/%d"]
CLOCKS = ["", " %H:%M", " %H:%M:%S", " %I:%M %p"]
MOMENTS = st.integers(978_307_200, 1_793_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
"""From 2001 to October 2026."""


@settings(max_examples=present(settings.default).max_examples // 10)
@given(st.sampled_from(FORMATS), st.sampled_from(CLOCKS), st.lists(MOMENTS, min_size=3, max_size=12))
def test_times_in_any_usual_format_are_read_by_one_of_the_lines_that_are_printed(
    day: str, clock: str, moments: list[datetime]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cells = [(moment.strftime(day + clock), "1") for moment in moments]
        workspace = files(Path(folder), {"orders": orders(cells)})
        lines = printed_lines(fix_of_nobody(workspace)).splitlines()
        parsed = [datetime.strptime(at, day + clock).replace(tzinfo=UTC) for at, _ in cells]
        meant = [micros(moment.isoformat()) for moment in parsed]
        tries = ["\n".join(one for one in lines if not one.startswith("#"))]
        tries += [f"[tables.orders.columns]\n{one.removeprefix('# or: ')}" for one in lines if one.startswith("# or: ")]
        before, found = workspace.toml, []
        for one in tries:
            (Path(folder) / "tercet.toml").write_text(before, encoding="utf-8")
            mended = workspace.mend(one)
            assert mended.rejections == ()
            found.append(instants(mended))
        assert meant in found


CENTS = st.integers(-5_000_000_00, 5_000_000_00)


def written_amount(cents: int, decimal: str, between: str, before: str, behind: str, minus: str) -> str:
    whole = f"{abs(cents) // 100:,}".replace(",", between)
    text = f"{before}{whole}{decimal}{abs(cents) % 100:02}{behind}"
    return {"-": f"-{text}", "()": f"({text})", "behind": f"{text}-"}[minus] if cents < 0 else text


@settings(max_examples=present(settings.default).max_examples // 7)
@given(
    st.lists(CENTS, min_size=2, max_size=10),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u202f"), (".", "'"), (",", ""), (".", "")]),
    st.sampled_from(["", "$", "EUR ", "£"]),
    st.sampled_from(["", " €", "%", " kr"]),
    st.sampled_from(["-", "()", "behind"]),
)
def test_amounts_in_any_usual_way_are_read_by_the_lines_that_are_printed(
    cents: list[int], marks: tuple[str, str], before: str, behind: str, minus: str
) -> None:
    if before and behind:
        behind = ""
    texts = [written_amount(one, *marks, before, behind, minus) for one in cents]
    with tempfile.TemporaryDirectory() as folder:
        workspace = files(Path(folder), {"orders": orders([("2026-01-01", text) for text in texts])})
        try:
            remedies = [one.remedy for one in workspace.read().rejections]
            fix = remedies[0].told if remedies and remedies[0] is not None else None
        except DataError as error:
            fix = error.fix
        mended = workspace.read() if fix is None else workspace.mend(printed_lines(fix))
        assert mended.rejections == ()
        assert amounts(mended) == [one / 100 for one in cents]
