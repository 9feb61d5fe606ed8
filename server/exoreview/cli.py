"""The command line: `exoreview COMMAND`."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from exoreview import files
from exoreview.problems import Refusal

COMMANDS = ("serve", "mcp", "get", "query", "dump", "cite", "nanopub", "check", "reason", "build", "diff")


class _Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """Names the default of an option that has one worth naming."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return super()._get_help_string(action) if action.default else action.help


def parser() -> argparse.ArgumentParser:
    """The parser of all commands, each with an example in its help."""
    top = argparse.ArgumentParser(
        prog="exoreview",
        description="A scientific review as linked data: serve it, query it, check it, release it.",
        epilog="Start with: exoreview serve",
    )
    top.add_argument("--version", action="version", version=f"exoreview {files.version()}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"exoreview.commands.{name}")
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.__doc__,
            epilog=f"Example: {module.EXAMPLE}",
            formatter_class=_Formatter,
        )
        module.arguments(command)
        command.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; what cannot be done is one sentence on standard error and status 1."""
    options = parser().parse_args(arguments)
    if sys.stdout is None:
        # It was closed (`>&-`): nobody wants to read it.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    try:
        status = options.run(options)
        sys.stdout.flush()
        return status
    except Refusal as refusal:
        print(f"exoreview {options.command}: {refusal}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of a pipe has what it wanted (`exoreview dump | head`); nothing more can be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # What a command knows how to explain it has refused itself; what is left is mostly the output.
        place = f"{error.filename}: " if error.filename else ""
        print(f"exoreview {options.command}: {place}{error.strerror or error}.", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
