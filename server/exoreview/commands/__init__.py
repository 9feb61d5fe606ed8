"""The commands of the command line, one module each.

A module has SUMMARY (one line), EXAMPLE (a command that works), `arguments(parser)` and `run(options)`, which
returns the exit status. What is slow to load is imported inside `run`, so that `--help` answers at once.
"""
