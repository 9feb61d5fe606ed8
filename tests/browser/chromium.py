"""Debian's Chromium, driven by Playwright, and what a page must never do in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1440}
HEIGHTS = {390: 844, 820: 1180, 1440: 900}
THEMES = ("light", "dark")


def path() -> str | None:
    """Where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running() -> Iterator[Browser]:
    """A Chromium until the block ends. It finds no host but this machine; as root it gets no sandbox."""
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """Notes what a page does that none of ours may do: errors and warnings in the console (where breaches
    of the content security policy are), uncaught exceptions, failed requests, and those to other hosts."""

    def __init__(self, page: Page, address: str):
        self.address, self.faults = address, []
        # A navigation to an address that answers with an error, and wants to, is in the console too.
        self.allowed: set[str] = set()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        expected = message.location["url"] in self.allowed and "the server responded with" in message.text
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"{message.type} in the console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # What is left behind by going elsewhere, and a file that is saved, end so.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.url not in self.allowed:
            self.faults.append(f"answered {response.status}: {response.url}")
