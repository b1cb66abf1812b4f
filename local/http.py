"""The front: an HTTP API (payload format 2.0) with the routes of the template, and the issuer's keys."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from cli import local_issuer
from local.runtime import Answer
from local.template import ACCOUNT, Route

LARGEST_BODY = 10 * 1024 * 1024  # bytes, as an HTTP API allows
PLACEHOLDER = re.compile(r"\\\{(\w+)(\\\+)?\\\}")


class PortTaken(RuntimeError):
    """Another program listens at the port that was asked for."""


class Front:
    """Listens from the moment it is made, answers from ``serve`` on. ``port`` 0 takes a free one."""

    def __init__(self, port: int) -> None:
        self._routes: tuple[_CompiledRoute, ...] = ()
        self._cors: Mapping[str, Any] = {}
        self._invoke: Callable[[str, str], Answer] | None = None
        self._keys: dict[str, Any] = {}
        self._ending = False
        try:
            listening = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} cannot be used ({error.strerror}); stop what listens there, or set BATON_PORT to another"
            ) from None
        with listening:
            self._server: BaseWSGIServer = make_server(
                "127.0.0.1", port, self._answer, threaded=True, request_handler=_QuietHandler, fd=listening.fileno()
            )
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread: threading.Thread | None = None

    def serve(
        self,
        routes: Sequence[Route],
        cors: Mapping[str, Any] | None,
        invoke: Callable[[str, str], Answer],
        keys: dict[str, Any],
    ) -> None:
        self._routes = tuple(sorted(map(_CompiledRoute, routes), key=lambda route: route.precedence))
        self._cors, self._invoke, self._keys = cors or {}, invoke, keys
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)
        self._thread.start()

    def drain(self) -> None:
        """From here on, whoever would be told that something went wrong is cut off instead: what stands behind the
        front stops, and clients are to take that for what it is and come back, not for an answer."""
        self._ending = True

    def close(self) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    @property
    def _answer(self) -> Any:
        return Request.application(self._respond)

    def _respond(self, request: Request) -> Response:
        origin = request.headers.get("origin", "")
        allowed = {"*", origin} & set(self._cors.get("allowOrigins", ()))
        if self._cors and request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            response = Response(status=204)
            for header, name in (("methods", "allowMethods"), ("headers", "allowHeaders")):
                response.headers[f"access-control-allow-{header}"] = ",".join(self._cors.get(name, ()))
            response.headers["access-control-max-age"] = str(self._cors.get("maxAge", 0))
        else:
            response = self._answered(request)
        if origin and allowed:
            response.headers["access-control-allow-origin"] = "*" if "*" in allowed else origin
            if exposed := self._cors.get("exposeHeaders"):
                response.headers["access-control-expose-headers"] = ",".join(exposed)
        return response

    def _answered(self, request: Request) -> Response:
        try:
            response = self._route(request)
        except Exception as error:
            if self._ending:  # what answers is half gone: its log is closed, say
                raise ConnectionAbortedError("the stack stops") from error
            raise
        if self._ending and response.status_code >= 500:
            raise ConnectionAbortedError("the stack stops")
        return response

    def _route(self, request: Request) -> Response:
        if request.path == local_issuer.JWKS_PATH:
            return _json(200, self._keys)
        for route in self._routes:
            parameters = route.match(request.method, request.path)
            if parameters is not None:
                return self._call(route, request, parameters)
        return _json(404, {"message": "Not Found"})

    def _call(self, route: _CompiledRoute, request: Request, parameters: dict[str, str]) -> Response:
        assert self._invoke is not None
        body = request.get_data()
        if len(body) > LARGEST_BODY:
            return _json(413, {"message": "Request Entity Too Large"})
        event = _event(request, body, route.key, parameters)
        response = _answered(self._invoke(route.function, json.dumps(event)))
        response.headers["apigw-requestid"] = event["requestContext"]["requestId"]
        return response


class _CompiledRoute:
    def __init__(self, route: Route) -> None:
        self.function = route.function
        self.is_default = route.path == "$default"
        self.key = "$default" if self.is_default else f"{route.method} {route.path}"
        self._method = route.method
        pattern = PLACEHOLDER.sub(
            lambda found: f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})", re.escape(route.path)
        )
        self._pattern = re.compile(".*" if self.is_default else pattern, re.DOTALL)
        # An HTTP API prefers the most specific route: no greedy part, few placeholders, a method of its own.
        self.precedence = (self.is_default, "+}" in route.path, route.path.count("{"), route.method == "ANY")

    def match(self, method: str, path: str) -> dict[str, str] | None:
        if self._method not in ("ANY", method):
            return None
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        self.close_connection = True  # nothing was answered, so nothing may follow

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The functions' own log says what happened."""


_INTERNAL = {"message": "Internal Server Error"}


def _event(request: Request, body: bytes, route_key: str, parameters: dict[str, str]) -> dict[str, Any]:
    """The event of one request: header names in small letters, repeated values joined, a binary body in base64."""
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query_string.decode(),
        "headers": {name.lower(): value for name, value in request.headers.items() if name.lower() != "cookie"},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": request.host,
            "domainPrefix": "local",
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.remote_addr or "127.0.0.1",
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": route_key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := request.headers.get("cookie"):
        event["cookies"] = cookies.split("; ")
    if request.args:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in request.args.lists()}
    if parameters:
        event["pathParameters"] = parameters
    if body:
        event["body"], event["isBase64Encoded"] = _body(body)
    return event


def _body(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _answered(answer: Answer) -> Response:
    if answer.errored:
        timed_out = json.loads(answer.payload).get("errorType") == "Sandbox.Timedout"
        return _json(503, {"message": "Service Unavailable"}) if timed_out else _json(500, _INTERNAL)
    return _response(json.loads(answer.payload))


def _response(result: Any) -> Response:
    """What a handler answered, as the HTTP API understands it: without a status code, all of it is the body."""
    if not (isinstance(result, dict) and "statusCode" in result):
        return _json(200, result)
    content = result.get("body") or ""
    response = Response(
        base64.b64decode(content) if result.get("isBase64Encoded") else content,
        status=int(result["statusCode"]),
        headers={name: str(value) for name, value in (result.get("headers") or {}).items()},
    )
    if not any(name.lower() == "content-type" for name in result.get("headers") or {}):
        response.headers["content-type"] = "text/plain; charset=utf-8"
    for cookie in result.get("cookies") or ():
        response.headers.add("set-cookie", cookie)
    return response


def _json(status: int, content: Any) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json")
