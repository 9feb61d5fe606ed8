"""TODO by its owner."""

SUMMARY = "reason"
EXAMPLE = "exoreview reason"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
