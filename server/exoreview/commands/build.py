"""TODO by its owner."""

SUMMARY = "build"
EXAMPLE = "exoreview build"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
