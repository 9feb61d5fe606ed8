"""TODO by its owner."""

SUMMARY = "check"
EXAMPLE = "exoreview check"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
