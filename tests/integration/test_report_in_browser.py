"""The training report as a reader sees it: in a real browser, from one file, without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def page(example: Path) -> Iterator[Page]:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_context(offline=True, viewport={"width": 1100, "height": 1400}).new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("requestfailed", lambda request: complaints.append(request.url))
        opened.goto((example / "report.html").as_uri())
        assert not complaints
        yield opened
        browser.close()


def test_every_score_has_its_grade_and_links_to_its_part(page: Page) -> None:
    for score in ("churn", "clv", "upsell.bigger_plan", "upsell.try_outdoor", "upsell.big_basket"):
        link = page.get_by_role("link", name=score, exact=True)
        link.click()
        assert page.get_by_role("heading", name=score).is_visible()


def test_every_plot_is_drawn(page: Page) -> None:
    widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) == 15
    assert all(width > 200 for width in widths)


def test_every_plot_says_what_it_shows(page: Page) -> None:
    assert all(page.eval_on_selector_all("img", "images => images.map(image => image.alt)"))


@pytest.mark.parametrize("width", [1100, 700])
def test_nothing_runs_off_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
