"""What people install is what was tested: the wheel, built from the sdist, with the sources out of sight."""

import subprocess
import sys
import venv
import zipfile

import pytest

from exoreview import files

pytestmark = pytest.mark.slow


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that `python -m build` makes: the sdist first, and the wheel from nothing but the sdist."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(out), str(files.ROOT))
    [path] = out.glob("*.whl")
    return path


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
