"""A client for two tools, ``list_tables`` and ``execute_sql``, of an MCP server over streamable HTTP.

It works with Baton's server and with Supabase's: both answer text, with rows between ``<untrusted-data-UUID>`` tags.
It sends plain JSON-RPC by POST. The official client takes a second to import, and a stateless call needs no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from baton import exact_json
from supabase_agent.problems import CannotAnswer, TokenRefused

TIMEOUT_SECONDS = 28
MAX_ANSWER_BYTES = 20_000_000
# The line breaks are necessary: the text around the rows mentions the tags too, but inside of lines.
_ROWS = re.compile(r"<(untrusted-data-[0-9a-f-]{36})>\n(.*?)\n</\1>", re.DOTALL)
_INCOMPLETE = re.compile(r"only the first (\d+) rows")


class McpClient:
    """One connection for several calls. Use it in a ``with`` block.

    Raises (all methods):
        CannotAnswer: it is retryable if the server is unreachable, overloaded or fails; not if the server refuses.
    """

    def __init__(self, url: str, bearer: str) -> None:
        parts = urlsplit(url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {
            "accept": "application/json, text/event-stream",
            "authorization": f"Bearer {bearer}",
            "content-type": "application/json",
            "mcp-protocol-version": "2025-06-18",
        }

    def __enter__(self) -> McpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def list_tables(self, schema: str) -> dict[str, frozenset[str] | None]:
        """The tables of a schema as ``schema.table``, with their columns (None if the server does not list them)."""
        answer = _parsed(self._call("list_tables", {"schemas": [schema], "verbose": True}))
        tables = answer.get("tables") if isinstance(answer, Mapping) else answer
        if not isinstance(tables, list):
            raise CannotAnswer("the KPI server's list_tables did not answer with a list of tables")
        return {_table_name(table): _column_names(table) for table in tables}

    def execute_sql(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query; numbers with a fraction are ``Decimal``."""
        answer = _parsed(self._call("execute_sql", {"query": query}))
        text = str(answer.get("result") if isinstance(answer, Mapping) else answer)
        match = _ROWS.search(text)
        if match is None:
            raise CannotAnswer("the answer of the KPI server's execute_sql has no rows between untrusted-data tags")
        if incomplete := _INCOMPLETE.search(text[match.end() :]):
            raise CannotAnswer(
                f"the answer has more than {incomplete[1]} rows; narrow the range of dates, ask for fewer KPIs or "
                "group by week or month"
            )
        try:
            rows: list[dict[str, Any]] = exact_json.loads(match[2])
        except ValueError as error:
            raise CannotAnswer(f"the KPI server's rows are not JSON: {error}") from error
        return rows

    def _call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The text of a tool's answer."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        message = self._post(exact_json.dumps(request).encode())
        if error := message.get("error"):
            raise CannotAnswer(f"the KPI server failed in {tool}: {error.get('message')}", retryable=True)
        result = message.get("result", {})
        text = "\n".join(part["text"] for part in result.get("content", []) if part.get("type") == "text")
        if result.get("isError"):
            raise CannotAnswer(f"the KPI server refused {tool}: {text}")
        return text

    def _post(self, body: bytes) -> dict[str, Any]:
        response, content = self._send(body)
        if response.status >= 500 or response.status in (408, 429):
            raise CannotAnswer(f"the KPI server answered {response.status} {response.reason}", retryable=True)
        if response.status == 401:
            raise TokenRefused(f"the KPI server answered 401 {response.reason}: {content[:300]}")
        if response.status != 200:
            raise CannotAnswer(f"the KPI server answered {response.status} {response.reason}: {content[:300]}")
        is_stream = response.headers.get_content_type() == "text/event-stream"
        for text in _events(content) if is_stream else [content]:
            try:
                message = exact_json.loads(text)
            except ValueError as error:
                raise CannotAnswer(f"the KPI server's answer is not JSON: {error}", True) from error
            if isinstance(message, dict) and message.get("id") == 1:
                return message
        raise CannotAnswer("the KPI server closed its answer before the result", retryable=True)

    def _send(self, body: bytes) -> tuple[HTTPResponse, str]:
        reused = self._connection.sock is not None
        try:
            self._connection.request("POST", self._target, body, self._headers)
            response = self._connection.getresponse()
            content = response.read(MAX_ANSWER_BYTES + 1)
        except (OSError, HTTPException) as error:
            self._connection.close()
            if reused and not isinstance(error, TimeoutError):  # the server may have closed the idle connection
                return self._send(body)
            raise CannotAnswer(f"the KPI server cannot be reached: {error!r}", retryable=True) from error
        if len(content) > MAX_ANSWER_BYTES:
            raise CannotAnswer("the KPI server's answer is too large; narrow the range of dates or ask for fewer KPIs")
        return response, content.decode("utf-8", errors="replace")


def _events(stream: str) -> Iterator[str]:
    """The data of each server-sent event."""
    for event in re.split(r"\r?\n\r?\n", stream):
        data = [line[5:].removeprefix(" ") for line in event.splitlines() if line.startswith("data:")]
        if data:
            yield "\n".join(data)


def _parsed(text: str) -> Any:
    """The JSON document in a tool's text. Older servers answer bare text, which is returned as it is."""
    try:
        return exact_json.loads(text)
    except ValueError:
        return text


def _table_name(table: Mapping[str, Any]) -> str:
    name = str(table.get("name"))
    return f"{table['schema']}.{name}" if "schema" in table and "." not in name else name


def _column_names(table: Mapping[str, Any]) -> frozenset[str] | None:
    columns = table.get("columns")
    return frozenset(column["name"] for column in columns) if isinstance(columns, list) else None
