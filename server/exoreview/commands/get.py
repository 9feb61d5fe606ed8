"""Answer one request without a server: print what the server would send for a path."""

import argparse
import sys

SUMMARY = "answer one request without a server"
EXAMPLE = "exoreview get /claim/s04-c6 --accept text/turtle"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The path and what to accept."""
    parser.add_argument("path", metavar="PATH", help="path with its query, as in the address after the host")
    parser.add_argument("--accept", metavar="TYPE", default="*/*", help="media types to accept")
    parser.add_argument("--head", action="store_true", help="show status and headers, not the content")


def run(options: argparse.Namespace) -> int:
    """Print the content, following a redirect to the document; status 1 when the server would refuse."""
    from exoreview import settings
    from exoreview.release import Release
    from exoreview.sparql import service
    from exoreview.web import inprocess, server

    read = settings.read(log="off")
    path = "/" + options.path.removeprefix("https://w3id.org/exoreview/").lstrip("/")
    client = inprocess.client(server.of_release(Release.load(), service.OnDemand(read), read))
    response = client.get(path, headers={"Accept": options.accept}, follow_redirects=not options.head)
    client.application.close()
    if options.head:
        sys.stdout.write(f"HTTP/1.1 {response.status}\n{response.headers}")
    elif response.status_code < 400:
        sys.stdout.buffer.write(response.data)
    else:
        sys.stderr.write(response.text if response.text.endswith("\n") else response.text + "\n")
    return int(response.status_code >= 400)
