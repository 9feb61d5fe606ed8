"""Every page at each width in both themes: it asks nobody else, has no error in the console,
reaches nowhere out of the window, and does not shift while it loads."""

import pytest

from browser.chromium import THEMES, WIDTHS
from browser.pages import ALL

# Each shift since the page began to load: how much of the window, and what moved.
_SHIFTS = """() => new Promise((done) => {
  const found = [];
  const called = ({ node }) => node && `${node.nodeName} ${(node.textContent ?? "").trim().slice(0, 40)}`;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) found.push([each.value, each.sources.map(called)]);
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(found), 50)));
})"""
_WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
  .map((each) => `${each.tagName.toLowerCase()}.${each.className}`)"""

# Half of what counts as steady (web.dev/articles/cls): a busy machine may paint before the editor stands.
_STEADY = 0.05


def fits(page):
    """No word or picture reaches out of the window."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.evaluate(_WIDER)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", ALL)
def test_a_page_fits_and_stays(visit, name, width):
    path, status = ALL[name]
    page = visit(path, width=width, theme=THEMES[0], status=status)
    fits(page)
    shifts = page.evaluate(_SHIFTS)
    assert sum(size for size, _ in shifts) < _STEADY, shifts
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.emulate_media(color_scheme=THEMES[1])
    fits(page)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light


@pytest.mark.parametrize("name", ALL)
def test_a_page_fits_and_speaks_without_javascript(visit, name):
    """On a phone, where there is the least room for what a script would have folded away."""
    path, status = ALL[name]
    page = visit(path, width=WIDTHS["phone"], status=status, scripts=False)
    fits(page)
    assert page.get_by_role("heading", level=1).count() == 1
    assert len(page.get_by_role("main").inner_text().split()) > 10
