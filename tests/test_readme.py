"""The README is true: its commands run as they stand, its numbers are counted, its settings are all."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from conftest import free_port
from exoreview import files, settings
from exoreview.knowledge import graphs

README = files.path("README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
INSTALL = "python3 -m venv"


def blocks(language):
    return [code for found, code in BLOCKS if found == language]


def commands():
    """The shell commands but the two that install, which have tests of their own."""
    lines = [code for code in blocks("sh") if INSTALL not in code]
    return [command for code in lines for command in re.split(r"\n(?=\w)", code.strip())]


def run(command, folder, **options):
    """Run it as a reader would, with the environment's own commands first and the folder's package."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "server")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what a fresh clone has: the files that git knows, or the tree of an unpacked sdist."""
    copy = tmp_path_factory.mktemp("clone") / "exoreview"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=files.ROOT, capture_output=True, text=True
    )
    if listed.returncode != 0:
        return shutil.copytree(files.ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git"))
    for name in filter(None, listed.stdout.split("\0")):
        if (files.ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(files.ROOT / name, copy / name)
    return copy


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.splitlines()[0][:60])
def test_each_command_runs(command, server, checkout):
    for program in {"curl", "Rscript"} & set(command.split()):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    there = command.replace("http://127.0.0.1:8000", server)
    run(["bash", "-euo", "pipefail", "-c", there], checkout)


def test_the_query_in_the_shell_is_answered_with_the_claims_about_tumour_derived_exosomes(server, tmp_path):
    [command] = [command for command in commands() if "hasSubject" in command]
    output = run(["bash", "-c", command.replace("http://127.0.0.1:8000", server)], tmp_path)
    assert "https://w3id.org/exoreview/claim/s04-c6,Tumour-derived exosomes play an essential role" in output


def test_the_python_program_counts_claims_by_mode(server, tmp_path):
    [program] = blocks("python")
    program = program.replace("http://127.0.0.1:8000", server)
    assert "reported consensus 1\n" in run([sys.executable, "-c", program], tmp_path)


def test_the_r_program_counts_the_claims(server, tmp_path):
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    [program] = blocks("r")
    (tmp_path / "claims.R").write_text(program.replace("http://127.0.0.1:8000", server), "utf-8")
    assert run(["Rscript", "claims.R"], tmp_path).strip() == "[1] 54"


@pytest.mark.slow
def test_the_first_command_installs_and_serves(checkout):
    """Literally, in a copy of the checkout, in an environment of its own."""
    [command] = [code for code in blocks("sh") if "exoreview serve" in code]
    port = free_port()
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=checkout,
        env={**os.environ, "EXOREVIEW_PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        with urlopen(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.status == 200
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)
        process.stdout.close()


def test_the_second_command_is_what_ci_runs(checkout):
    [command] = [code.strip() for code in blocks("sh") if "pytest" in code]
    assert command.endswith("-m pytest")
    assert "grep -m 1 'pytest$' README.md" in (checkout / ".ci" / "run").read_text("utf-8")


def stated(pattern):
    """The number that the README's text states, in any place that matches."""
    found = {int(number.replace(",", "")) for number in re.findall(pattern, README)}
    assert found, f"README does not state {pattern}"
    return found


@pytest.fixture(scope="module")
def loaded():
    return graphs.load()


def of_class(triples, names):
    return {
        triple.subject
        for triple in triples
        if triple.predicate.value.endswith("#type") and triple.object.value.rpartition("#")[2] in names
    }


CATEGORIES = {f"{kind}Concept" for kind in ("MaterialEntity", "Process", "Quality", "Condition", "Disease")}


@pytest.mark.parametrize(
    ("pattern", "graph", "classes"),
    [
        (r"Its (\d+) claims", "claims", {"Claim"}),
        (r"(\d+) statements about itself", "claims", {"ScopeStatement"}),
        (r"(\d+) concepts", "concepts", CATEGORIES),
    ],
    ids=["claims", "scope statements", "concepts"],
)
def test_what_the_readme_counts_is_there(loaded, pattern, graph, classes):
    assert stated(pattern) == {len(of_class(loaded[graph], classes))}


def test_the_readme_counts_the_links(loaded):
    """A row that warns of a look-alike is no link."""
    predicates = [triple.predicate.value for triple in loaded["mappings"]]
    rows = sum(predicate.endswith("annotatedTarget") for predicate in predicates)
    warnings = sum(predicate.endswith("predicate_modifier") for predicate in predicates)
    assert stated(r"(\d+) links") == {rows - warnings}


def test_the_readme_counts_the_triples(loaded):
    asserted = {triple for name in graphs.ASSERTED for triple in loaded[name]}
    assert stated(r"([\d,]+) triples") == {len(asserted)}


def test_the_readme_lists_every_setting():
    """Between its two marks stands the table that the settings make; the failure prints it."""
    written = README.partition("<!-- settings -->\n")[2].partition("<!-- end of settings -->")[0]
    rows = [f"| `{s.variable}` | {s.default} | {s.help} |\n" for s in settings.SETTINGS]
    assert written == "| setting | default | what it does |\n| --- | --- | --- |\n" + "".join(rows)


def test_the_readme_names_the_version_it_speaks_of():
    assert set(re.findall(r"version (\d+\.\d+\.\d+)", README)) == {files.version()}
