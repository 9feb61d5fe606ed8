"""Pictures of every page at three widths, light and dark, to be looked at.

    python tests/browser/screenshots.py FOLDER [PAGE …]

Each is the whole page, `PAGE-WIDTH-THEME.png`. The pages are those of `pages.py`, all or the named ones.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browser.chromium import HEIGHTS, THEMES, WIDTHS, running
from browser.pages import ALL
from conftest import serving


def take(browser, address: str, folder: Path, names: list[str]) -> None:
    """Takes the pictures of pages of a server."""
    folder.mkdir(parents=True, exist_ok=True)
    for (called, width), theme in product(WIDTHS.items(), THEMES):
        size = {"width": width, "height": HEIGHTS[width]}
        context = browser.new_context(viewport=size, color_scheme=theme, base_url=address)
        for name in names:
            page = context.new_page()
            page.goto(ALL[name][0])
            page.screenshot(path=folder / f"{name}-{called}-{theme}.png", full_page=True)
            page.close()
        context.close()
        print(f"{len(names)} pages for a {called} in the {theme} theme")


def main() -> None:
    """Serves the project's own data and takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"one of {', '.join(ALL)}")
    arguments = parser.parse_args()
    if unknown := set(arguments.pages) - set(ALL):
        parser.error(f"there is no page {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    with serving(EXOREVIEW_LOG="off") as address, running() as browser:
        take(browser, address, arguments.folder, arguments.pages or list(ALL))


if __name__ == "__main__":
    main()
