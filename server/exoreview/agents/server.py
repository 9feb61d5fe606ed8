"""The server of the Model Context Protocol: the tools, and the one sentence of what goes wrong."""

import inspect
from collections.abc import Mapping
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations

from exoreview import files
from exoreview.agents import forms
from exoreview.agents.asking import Asking
from exoreview.agents.desk import Desk
from exoreview.problems import Refusal
from exoreview.sparql.pool import Pool
from exoreview.terms import DATASET

_TITLES = {
    "search": "Search the review",
    "describe": "Describe a thing",
    "claims_about": "Claims about a concept or an outside identifier",
    "quote_claim": "The words and the reading of a claim",
    "query": "Run a SPARQL query",
    "example_queries": "Example queries",
    "cite": "Cite the review or the dataset",
}


class Server(MCPServer):
    """Says in a sentence why a tool has no answer."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context=None):
        """The result of a tool, or an error result with the reason."""
        try:
            self._require(name, arguments)
            return await super().call_tool(name, arguments, context)
        except Refusal as refusal:
            return _refused(str(refusal))
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, Refusal):
                return _refused(str(cause))
            if isinstance(cause, forms.ValidationError) and not isinstance(error, UnexpectedToolError):
                return _refused(forms.wrong(cause))
            raise

    def _require(self, name: str, arguments: dict[str, Any]) -> None:
        """Refuse a tool that there is not, and a parameter that would be passed over."""
        if name not in _TITLES:
            raise Refusal(f"There is no tool “{name}”; there are {', '.join(_TITLES)}.")
        known = self._tool_input_schema(name)["properties"]
        if unknown := [each for each in arguments if each not in known]:
            raise Refusal(f"{name} has no parameter “{unknown[0]}”; it has {', '.join(known)}.")


def server(release, pool: Pool, settings: Mapping[str, Any]) -> Server:
    """The server over a release, whose queries are answered by a pool under these settings."""
    desk = Desk(release)
    made = Server(
        "exoreview",
        title=desk.library.label(DATASET),
        version=files.version(),
        instructions=f"{desk.library.text(DATASET, 'dcterms:description')} {desk.reading.process} Cite the "
        "words of a claim with their place, and say that it is the review's claim. Find things with search, "
        "statements with claims_about, their words with quote_claim; for everything else there is query.",
        log_level="ERROR",
        subscriptions=False,
    )
    asking = Asking(desk.library, pool, settings)
    for name, title in _TITLES.items():
        tool = asking.query if name == "query" else getattr(desk, name)
        # SERVICE asks others where the one who runs the server allows it.
        hints = ToolAnnotations(
            read_only_hint=True,
            idempotent_hint=True,
            open_world_hint=name == "query" and bool(settings["SERVICE_ALLOW"]),
        )
        described = " ".join(inspect.getdoc(tool).split())
        made.add_tool(tool, title=title, description=described, annotations=hints)
    return made


def _refused(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)
