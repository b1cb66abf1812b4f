"""The HTTP server of the stack: an HTTP API (payload format 2.0) with the template's routes, and the issuer's keys."""

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
from local.runtime import InvocationResult
from local.template import ACCOUNT, Route

MAX_BODY_BYTES = 10 * 1024 * 1024  # the limit of an HTTP API
POLL_SECONDS = 0.05  # between two looks whether the server shall stop
PLACEHOLDER = re.compile(r"\\\{(\w+)(\\\+)?\\\}")


class PortTaken(RuntimeError):
    """The port cannot be used, for example because another program listens there."""


class HttpServer:
    """Listens as soon as it is constructed, and answers after ``serve``. ``port`` 0 takes a free port."""

    def __init__(self, port: int) -> None:
        self._routes: tuple[_CompiledRoute, ...] = ()
        self._cors: Mapping[str, Any] = {}
        self._invoke: Callable[[str, str], InvocationResult] | None = None
        self._keys: dict[str, Any] = {}
        self._is_draining = False
        try:
            listener = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} cannot be used ({error.strerror}); stop what listens there, or set BATON_PORT to another"
            ) from None
        with listener:
            self._server: BaseWSGIServer = make_server(
                "127.0.0.1", port, self._answer, threaded=True, request_handler=_QuietHandler, fd=listener.fileno()
            )
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread: threading.Thread | None = None

    def serve(
        self,
        routes: Sequence[Route],
        cors: Mapping[str, Any] | None,
        invoke: Callable[[str, str], InvocationResult],
        keys: dict[str, Any],
    ) -> None:
        self._routes = tuple(sorted(map(_CompiledRoute, routes), key=lambda route: route.precedence))
        self._cors, self._invoke, self._keys = cors or {}, invoke, keys
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="http", daemon=True
        )
        self._thread.start()

    def start_draining(self) -> None:
        """From now on, cut off a connection instead of answering with a server error.

        The functions are stopping, so such an error means nothing. A client without an answer tries again.
        """
        self._is_draining = True

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
            response = self._http_response(request)
        if origin and allowed:
            response.headers["access-control-allow-origin"] = "*" if "*" in allowed else origin
            if exposed := self._cors.get("exposeHeaders"):
                response.headers["access-control-expose-headers"] = ",".join(exposed)
        return response

    def _http_response(self, request: Request) -> Response:
        try:
            response = self._route(request)
        except Exception as error:
            if self._is_draining:  # parts of the stack have stopped, so any error is possible
                raise ConnectionAbortedError("the stack stops") from error
            raise
        if self._is_draining and response.status_code >= 500:
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
        if len(body) > MAX_BODY_BYTES:
            return _json(413, {"message": "Request Entity Too Large"})
        event = _event(request, body, route.key, parameters)
        response = _response_to_result(self._invoke(route.function, json.dumps(event)))
        response.headers["apigw-requestid"] = event["requestContext"]["requestId"]
        return response


class _CompiledRoute:
    def __init__(self, route: Route) -> None:
        self.function = route.function
        self.is_default = route.path == "$default"
        self.key = "$default" if self.is_default else f"{route.method} {route.path}"
        self._method = route.method
        pattern = PLACEHOLDER.sub(
            lambda match: f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})", re.escape(route.path)
        )
        self._pattern = re.compile(".*" if self.is_default else pattern, re.DOTALL)
        # An HTTP API prefers the most specific route: no greedy part, few placeholders, a method of its own.
        self.precedence = (self.is_default, "+}" in route.path, route.path.count("{"), route.method == "ANY")

    def match(self, method: str, path: str) -> dict[str, str] | None:
        if self._method not in ("ANY", method):
            return None
        match = self._pattern.fullmatch(path)
        return None if match is None else match.groupdict()


class _QuietHandler(WSGIRequestHandler):
    """It sends each part of an answer at once: on a connection that is kept, the body would wait for the client to
    acknowledge the head, which takes 40 ms."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        self.close_connection = True  # the request got no answer

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No log of requests: the functions have their own."""


INTERNAL_ERROR = {"message": "Internal Server Error"}


def _event(request: Request, body: bytes, route_key: str, parameters: dict[str, str]) -> dict[str, Any]:
    """The event of a request: header names in lower case, repeated values joined, a binary body in base64."""
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


def _response_to_result(result: InvocationResult) -> Response:
    if result.is_error:
        timed_out = json.loads(result.payload).get("errorType") == "Sandbox.Timedout"
        return _json(503, {"message": "Service Unavailable"}) if timed_out else _json(500, INTERNAL_ERROR)
    return _response(json.loads(result.payload))


def _response(result: Any) -> Response:
    """The HTTP API's response to a handler's result. A result without a status code is the body."""
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
