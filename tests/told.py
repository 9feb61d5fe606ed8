"""A server on loopback that behaves as it is told: what no real endpoint does on demand."""

import socket
import threading
import time
from contextlib import contextmanager, suppress


class Told:
    """A server on loopback; every request is answered by a function of the connection and the request."""

    def __init__(self, *behaviours):
        """The last behaviour is that of all further requests."""
        self.behaviours, self.requests = list(behaviours), []
        self.closed = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/sparql"
        self.threads = [threading.Thread(target=self._listen, daemon=True)]
        self.threads[0].start()

    def _listen(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self.threads[-1].start()

    def _serve(self, connection):
        with connection, suppress(OSError):
            while request := self._request(connection):
                self.requests.append(request)
                behave = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
                if behave(connection) == "close":
                    return
        self.closed.set()

    def _request(self, connection):
        request = b""
        # What begins so is TLS.
        while b"\r\n\r\n" not in request and not request.startswith(b"\x16"):
            if not (part := connection.recv(65536)):
                return None
            request += part
        head, _, body = request.partition(b"\r\n\r\n")
        lengths = [line for line in head.splitlines() if line.lower().startswith(b"content-length")]
        missing = int(lengths[0].split(b":")[1]) - len(body) if lengths else 0
        while missing > 0:
            part = connection.recv(65536)
            missing -= len(part)
            body += part
        return head + b"\r\n\r\n" + body

    def close(self):
        """Let go of the port and end every connection."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def told(*behaviours):
    server = Told(*behaviours)
    try:
        yield server
    finally:
        server.close()


def http(body=b"", *headers, status="200 OK", kind="application/sparql-results+json", length=None):
    """A response as bytes."""
    length = len(body) if length is None else length
    head = [
        f"HTTP/1.1 {status}",
        *([f"Content-Type: {kind}"] if kind else []),
        f"Content-Length: {length}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def unframed(body, kind):
    """A response that ends where the connection does."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode() + body


def chunked(body, kind="application/sparql-results+json", last=b"0\r\n\r\n"):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"%x\r\n%b\r\n" % (len(body), body) + last


def sends(response):
    """A behaviour: these bytes, and the end of the connection."""

    def behave(connection):
        connection.sendall(response)
        return "close"

    return behave


def waits(connection):
    """Never answers; ends when the other side does."""
    connection.recv(1)


def drips(first, drop, every=0.05):
    """A beginning, and then the same again and again."""

    def behave(connection):
        connection.sendall(first)
        while True:
            connection.sendall(drop)
            time.sleep(every)

    return behave
