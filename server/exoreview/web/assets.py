"""Which files that browsers load came from npm when the package was built; a page does without the others."""

import json
from functools import cache
from pathlib import Path

_MANIFEST = Path(__file__).parent / "static/vendor/manifest.json"


@cache
def names() -> frozenset[str]:
    """The names of the files under static/vendor; none where npm could not be reached."""
    if not _MANIFEST.is_file():
        return frozenset()
    return frozenset(file["name"] for file in json.loads(_MANIFEST.read_text("utf-8"))["files"])
