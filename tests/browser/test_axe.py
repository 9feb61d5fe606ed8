"""axe finds nothing on any page: its rules of WCAG up to 2.2 AA and of best practices, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.chromium import THEMES, WIDTHS
from browser.pages import ALL

SCRIPT = Axe().axe_script
# The one rule of WCAG 2.2 that axe leaves out unless it is asked for.
EVERY = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# The rules that depend on colours.
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


def found(page, options=EVERY):
    """What axe finds, a line for each element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    violations = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [f"{each['id']}: {node['target']} {node['html'][:120]}" for each in violations
            for node in each["nodes"]]  # fmt: skip


@pytest.mark.parametrize("width", [WIDTHS["phone"], WIDTHS["desktop"]], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", ALL)
def test_axe_finds_nothing(visit, name, width):
    """Every rule in the light theme; the dark one has other colours and nothing else."""
    path, status = ALL[name]
    # Colours that change slowly would be measured half-way.
    page = visit(path, width=width, theme=THEMES[0], status=status, reduced=True)
    assert found(page) == []
    page.emulate_media(color_scheme=THEMES[1])
    assert found(page, COLOURS) == []


def test_axe_finds_what_is_wrong(visit):
    page = visit("/about")
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert {line.partition(":")[0] for line in found(page)} >= {"color-contrast", "button-name"}
