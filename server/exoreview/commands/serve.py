"""TODO by its owner."""

SUMMARY = "serve"
EXAMPLE = "exoreview serve"


def arguments(parser):
    pass


def run(options):
    raise NotImplementedError
