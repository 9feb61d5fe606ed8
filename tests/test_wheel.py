"""What people install is what was tested: the wheel, built from the sdist, with the sources out of sight."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest

from exoreview import files
from exoreview.web import assets

pytestmark = pytest.mark.slow


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What `python -m build` makes: the sdist first, and the wheel from nothing but the sdist."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(out), str(files.ROOT))
    return out


@pytest.fixture(scope="module")
def sdist(built):
    [path] = built.glob("*.tar.gz")
    return path


@pytest.fixture(scope="module")
def wheel(built):
    [path] = built.glob("*.whl")
    return path


def built_offline(source, out):
    """The wheel of a source, built where npm is not answered and has kept nothing, and what was said."""
    away = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_cache": str(out / "cache")}
    pip = [sys.executable, "-m", "pip", "wheel", "--verbose", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", str(out), str(source)],
        env={**os.environ, **away},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    [path] = out.glob("*.whl")
    return path, done.stdout


def from_npm(path):
    """The files of a wheel that came by npm, with their sizes."""
    return {
        entry.filename.rpartition("/")[2]: entry.file_size
        for entry in zipfile.ZipFile(path).infolist()
        if "/static/vendor/" in entry.filename
    }


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The command line of the wheel in a fresh environment."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, with_pip=True)
    run(str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", str(wheel))
    return str(place / "bin" / "exoreview")


@pytest.mark.parametrize("folder", ["ontology", "shapes", "data"])
def test_the_wheel_carries_every_file_of_the_knowledge(wheel, folder):
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        f"exoreview/{path.relative_to(files.ROOT).as_posix()}"
        for path in files.path(folder).rglob("*")
        if path.is_file()
    }
    assert expected
    assert expected <= inside


def test_the_wheel_carries_what_the_shapes_refuse(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {f"exoreview/invalid/{path.name}" for path in files.refused_files()} <= inside


def test_the_wheel_carries_what_a_page_needs(wheel):
    inside = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("/style.css") for name in inside)
    assert any(name.endswith("/base.html") for name in inside)


def test_the_wheel_carries_what_npm_brought_with_its_notices(wheel):
    if not assets.names():
        pytest.skip("npm could not be reached when this copy was built")
    assert from_npm(wheel).keys() == {*assets.names(), "manifest.json", "NOTICES.txt"}


def test_the_source_archive_needs_no_npm(sdist, wheel, tmp_path):
    again, said = built_offline(sdist, tmp_path)
    assert from_npm(again) == from_npm(wheel)
    assert ("are left out" in said) == (not assets.names())


def test_a_checkout_without_npm_is_built_without_what_it_would_bring(sdist, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.glob("exoreview-*")
    for path in source.glob("server/exoreview/web/static/vendor/*"):
        path.unlink()
    (tmp_path / "out").mkdir()
    path, said = built_offline(source, tmp_path / "out")
    assert not from_npm(path)
    assert "The SPARQL editor and the moving map are left out, because " in said


def test_the_wheel_carries_no_tests(wheel):
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "tests/" in name]


@pytest.mark.parametrize(
    ("command", "fact"),
    [
        (["--version"], f"exoreview {files.version()}"),
        (["get", "/claim/s04-c6", "--accept", "text/turtle"], "exc:Chemoresistance"),
        (["dump", "--format", "nt"], "<https://w3id.org/exoreview/claim/s04-c6>"),
        (["check"], "no problems"),
        (["query", "--format", "csv", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"], "n"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_an_installed_copy_works_anywhere(installed, tmp_path, command, fact):
    assert fact in run(installed, *command, cwd=tmp_path)
