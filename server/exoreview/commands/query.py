"""TODO by its owner."""

SUMMARY = "query"
EXAMPLE = "exoreview query"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
