"""axe finds nothing on any page: its rules of WCAG up to 2.2 AA and of best practices, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.chromium import WIDTHS
from browser.pages import ALL

SCRIPT = Axe().axe_script
# The one rule of WCAG 2.2 that axe leaves out unless it is asked for.
EVERY = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def found(page):
    """What axe finds, a line for each element."""
    page.evaluate(SCRIPT)
    violations = page.evaluate("(options) => axe.run(options)", EVERY)["violations"]
    return [f"{each['id']}: {node['target']} {node['html'][:120]}" for each in violations
            for node in each["nodes"]]  # fmt: skip


# A theme changes colours, a width changes the layout, and no colour depends on the width: so two of the four
# combinations show all that there is to find, in half the time.
LOOKS = {"desktop-light": (WIDTHS["desktop"], "light"), "phone-dark": (WIDTHS["phone"], "dark")}


@pytest.mark.parametrize(("width", "theme"), LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("name", ALL)
def test_axe_finds_nothing(visit, name, width, theme):
    path, status = ALL[name]
    # Colours that change slowly would be measured half-way.
    assert found(visit(path, width=width, theme=theme, status=status, reduced=True)) == []


def test_axe_finds_what_is_wrong(visit):
    page = visit("/about")
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert {line.partition(":")[0] for line in found(page)} >= {"color-contrast", "button-name"}
