"""TODO by its owner."""

SUMMARY = "get"
EXAMPLE = "exoreview get"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
