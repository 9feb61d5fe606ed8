"""What no page may do is seen when one does it."""

import pytest

from browser.chromium import Watch

BREACHES = {
    "an error in the console": ("console.error('broken')", "error in the console: broken"),
    "an exception": ("setTimeout(() => { throw new Error('broken') })", "uncaught: broken"),
    "a breach of the policy": (
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'x = 1'}))",
        "Content Security Policy",
    ),
    "an address that is not there": ("fetch('/nothing-here').then(() => 0)", "answered 404: "),
    "another host": (
        "fetch('http://example.org/').catch(() => 0)",
        "http://example.org/",
    ),
}


@pytest.mark.parametrize(("script", "noted"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_noted(contexts, server, script, noted):
    page = contexts().new_page()
    watch = Watch(page, server)
    page.goto("/about")
    assert not watch.faults
    page.evaluate(script)
    page.wait_for_timeout(200)
    page.close()
    assert any(noted in fault for fault in watch.faults), watch.faults


def test_without_javascript_no_script_of_a_page_runs(visit):
    page = visit("/cite", scripts=False)
    assert page.get_by_role("button", name="Copy").count() == 0
    assert page.get_by_role("heading", level=1).inner_text() == "Cite"
