"""HTTP as it goes over a socket, for what no client of HTTP would do."""

import http.client
import socket


def connected(address, window=None):
    """A connection to a server; its client takes so many bytes before it reads them, if that is said."""
    host, port = address.removeprefix("http://").split(":")
    client = socket.socket()
    client.settimeout(20)
    if window:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    client.connect((host, int(port)))
    return client


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
