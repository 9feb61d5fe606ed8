"""TODO by its owner."""

SUMMARY = "dump"
EXAMPLE = "exoreview dump"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
