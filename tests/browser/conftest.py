"""A browser for all tests of this folder, and the pages it opens, each watched for what none of ours may do.

It ends with the last test of the folder: while Playwright runs, its event loop is the one of this thread, and
tests elsewhere start loops of their own.
"""

import pytest

from browser import chromium


@pytest.fixture(scope="package")
def browser():
    """Chromium; without one the tests are skipped."""
    if not chromium.path():
        pytest.skip(f"Chromium is not installed; its tests need one of {', '.join(chromium.NAMES)}")
    with chromium.running() as running:
        yield running


@pytest.fixture(scope="package")
def contexts(browser, server):
    """Makes contexts of the browser, each with its cache, once for the same options."""
    made = {}

    def context(**options):
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = browser.new_context(base_url=server, **options)
        return made[key]

    yield context
    for each in made.values():
        each.close()


@pytest.fixture
def visit(contexts, server):
    """Opens a path in a page of its own, and fails the test where that page does what none of ours may do.

    `visit(path, width=…, theme=…, scripts=…, status=…, reduced=…, **options of Playwright's context)`
    """
    opened = []

    def visit(path, *, width=1440, theme="light", scripts=True, status=200, reduced=False, **options):
        page = contexts(java_script_enabled=scripts, **options).new_page()
        page.set_viewport_size({"width": width, "height": chromium.HEIGHTS.get(width, 900)})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce" if reduced else "no-preference")
        watch = chromium.Watch(page, server)
        opened.append((page, watch))
        if status >= 400:
            watch.allowed.add(server + path)
        answer = page.goto(path)
        assert answer.status == status, f"{path} answers {answer.status}"
        return page

    yield visit
    for page, _ in opened:
        page.close()
    assert not [fault for _, watch in opened for fault in watch.faults]
