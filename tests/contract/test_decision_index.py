"""The index of design decisions lists each with the title, status and date that stand in its own file."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
HEAD = re.compile(r"# (?P<number>\d+)\. (?P<title>.+)\n\n(?P<date>\d{4}-\d\d-\d\d), (?P<status>.+?)\.\n")


def test_every_decision_is_in_the_index_as_its_file_says() -> None:
    rows = re.findall(
        r"^\| (\d+) \| \[(.+)\]\((.+)\) \| (.+) \| (.+) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    expected = []
    for path in sorted(FOLDER.glob("0*.md")):
        head = HEAD.match(path.read_text(encoding="utf-8"))
        assert head is not None, f"{path.name} does not begin with a title, a date and a status"
        assert int(path.name[:4]) == int(head["number"])
        expected.append((head["number"], head["title"], path.name, head["status"], head["date"]))
    assert rows == expected
