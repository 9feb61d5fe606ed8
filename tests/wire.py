"""HTTP as it goes over a socket, for what no client of HTTP would do."""

import http.client
import socket


def connected(address):
    """A connection to a server."""
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


class Replies:
    """The replies on a connection, read one after the other."""

    def __init__(self, client):
        self.file = client.makefile("rb")

    def next(self, method="GET"):
        """Status, headers and body of the next one; None at the end of the connection."""
        first = self.file.readline()
        if not first:
            return None
        headers = http.client.parse_headers(self.file)
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        return int(first.split()[1]), headers, self.file.read(length)
