"""The training report as a reader sees it: in a real browser, from one file, without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")

CONTRASTS = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = parts(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const words = [...document.querySelectorAll("body *")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
  return words.map(element => {
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    return [element.textContent.slice(0, 60), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""
"""The contrast of every element that holds words, as WCAG 2 defines it."""


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
        assert page.get_by_role("heading", name=score, level=2).is_visible()


def test_every_plot_is_drawn(page: Page) -> None:
    widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) == 15
    assert all(width > 200 for width in widths)


def test_every_plot_says_what_it_shows(page: Page) -> None:
    assert all(page.eval_on_selector_all("img", "images => images.map(image => image.alt)"))


@pytest.mark.parametrize("width", [1100, 700, 375, 320])
def test_nothing_runs_off_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
    assert page.evaluate(f"{beyond} && !e.closest('.scroll')).map(e => e.outerHTML.slice(0, 80))") == []


def test_it_fits_on_paper(page: Page) -> None:
    page.set_viewport_size({"width": 690, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    page.emulate_media(media="screen")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate(CONTRASTS)
    page.emulate_media(color_scheme="light")
    assert len(found) > 500
    assert [words for words, contrast in found if contrast < 4.5] == []
