"""What CONTRIBUTING and the architecture page name is there, and the picture is drawn from its source."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md")
PACKAGES = ("models", "service", "training")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:models|service|training|tests|docs|benchmarks)/[\w./-]+)`", text)
    assert page == "SECURITY.md" or paths
    assert not [path for path in paths if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert not [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]


def test_every_make_target_that_is_named_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= set(targets)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_has_its_row_on_the_architecture_page(package: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split(f"## {package}\n")[1].split("\n## ")[0]
    folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    assert folders == set(re.findall(r"`(\w+)/`", section))


def test_the_picture_shows_what_its_source_says() -> None:
    source = (ROOT / "docs" / "architecture.dot").read_text(encoding="utf-8")
    picture = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    nodes = set(re.findall(r"^\s*(\w+) \[|; (\w+) \[", source, re.MULTILINE)) - {("node", ""), ("edge", "")}
    names = {first or second for first, second in nodes}
    assert names == set(re.findall(r'<g id="node\d+" class="node">\s*<title>(\w+)</title>', picture))
