"""The bodies that are on their way to the server, within limits for each and for all together."""

import asyncio
from collections.abc import Mapping
from typing import Any

from exoreview.web.http import protocol
from exoreview.web.http.bodies import BrokenOff
from exoreview.web.http.faults import fault
from exoreview.web.http.requests import Request

# Bodies that are on their way may take so many bytes together; beyond that only short ones go on.
_TOGETHER_BYTES, _SHORT_BYTES = 64_000_000, 64_000


class Receiving:
    """Takes bodies whole; others than short ones are turned away while too much is on its way."""

    def __init__(self, settings: Mapping[str, Any]):
        self.settings, self.size = settings, 0

    async def whole(self, request: Request) -> bytes:
        """The whole body of a request, if it is short enough and comes in time, or the fault."""
        if request.body is None:
            return b""
        limit, body, size = protocol.body_limit(self.settings), bytearray(), 0
        length = int(request.header("content-length") or 0)
        if length > limit:
            raise protocol.too_long(self.settings, "POST")
        seconds = self.settings["BODY_WAIT_S"]
        try:
            async with asyncio.timeout(seconds):
                async for part in request.body:
                    body += part
                    size += len(part)
                    self.size += len(part)
                    if size > limit:
                        raise protocol.too_long(self.settings, "POST")
                    if self.size > _TOGETHER_BYTES and size > _SHORT_BYTES:
                        busy = "Too many long queries are being sent at once; try again in a moment."
                        raise fault(503, busy, headers={"Retry-After": "1"})
        except TimeoutError:
            raise fault(408, f"The query did not arrive within {seconds:g} seconds.") from None
        except BrokenOff:
            raise fault(400, "The body of the request broke off before its end.") from None
        finally:
            self.size -= size
        return bytes(body)
