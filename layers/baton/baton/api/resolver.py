"""Powertools' HTTP API resolver, with our errors and safe beside others of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from baton import exact_json, logs, storable
from baton.api import problems
from baton.api.functions import Identify
from baton.api.identity import bearer_token
from baton.api.requests import body as read_body
from baton.api.wording import invalid
from baton.errors import FieldProblem, Invalid
from baton.model import Principal

_current_event: ContextVar[APIGatewayProxyEventV2] = ContextVar("current_event")


OPEN: Mapping[str, Any] = {"security": []}
"""What OpenAPI says of an operation that needs no token; nothing else leaves a route open."""
TICKET_TOO: Mapping[str, Any] = {"security": [{"bearer": []}, {"ticket": []}]}
"""What it says of an operation that takes a ticket as well: with one, the route itself knows whose it is."""


class Resolver(APIGatewayHttpResolver):
    """Routes one request. Answers every error as a problem document, also an unknown path and a wrong method.

    Powertools keeps the current event on a class that all resolvers of a process share. A Lambda function has one
    request at a time, but the local stack answers several in one process, and there one caller could be given another's
    token. So the event is kept per thread here.
    """

    caller: Principal
    """Who sent the request that is being answered. Not set in routes that are open to everyone."""

    def __init__(self, identify: Identify) -> None:
        super().__init__(serializer=exact_json.dumps)
        self.elsewhere: Sequence[Route] = ()  # paths of this API that another function answers
        # Not logging's: beside one of Powertools, the root logger drops every name that contains the service's (`api`).
        self._logger = logs.logger()
        self._mode: str | None = None  # of the agent-to-agent dialect, once it is known
        self.use([_ReadRequest(identify)])
        self.exception_handler(Exception)(self._answer_error)
        self.not_found(self._answer_unknown_route)

    @property
    def current_event(self) -> APIGatewayProxyEventV2:  # type: ignore[override]
        return _current_event.get()

    @property
    def routes(self) -> Sequence[Route]:
        return [*self._static_routes, *self._dynamic_routes]

    def note_mode(self, body: Mapping[str, Any]) -> None:
        """Which mode of the agent-to-agent dialect the body asks for; an error says it back."""
        mode = body.get("mode")
        self._mode = mode.strip().lower() if isinstance(mode, str) else None

    def _to_proxy_event(self, event: dict[str, Any]) -> APIGatewayProxyEventV2:
        proxy_event = APIGatewayProxyEventV2(event)
        _current_event.set(proxy_event)
        self._mode = None
        return proxy_event

    def _answer_error(self, error: Exception) -> Response[str]:
        if isinstance(error, RequestValidationError):
            error = invalid(error.errors(), self._body_type())
        if problems.kind_of(error).status >= 500:
            event = self.current_event
            request_id = event.request_context.request_id
            told = {"method": event.http_method, "path": event.path, "request": request_id}
            self._logger.error("a request failed", exc_info=error, extra=told)
        return problems.response(error, instance=self.current_event.path, dialect=self._dialect())

    def _answer_unknown_route(self, _: NotFoundError) -> Response[str]:
        method, path = self.current_event.http_method.upper(), self.current_event.path
        known = [*self.routes, *self.elsewhere]
        allowed = tuple(sorted({route.method for route in known if route.rule.match(path)}))
        if allowed:
            return self._answer_error(problems.MethodNotAllowed(method, allowed))
        return self._answer_error(problems.RouteUnknown(f"Nothing answers at {path}."))

    def _body_type(self) -> Any:
        """What the route takes as its body, if it takes one."""
        declared = self.context["_route"].dependant.body_params
        return declared[0].type_ if declared else None

    def _dialect(self) -> Mapping[str, Any]:
        """The agent-to-agent dialect says in every answer whether it went well, and in which mode."""
        if not self.current_event.path.startswith("/agent-to-agent/"):
            return {}
        return {"success": False, "mode": self._mode}


class _ReadRequest(OpenAPIRequestValidationMiddleware):
    """Identifies the caller before anything of the request is looked at, then gives the route what it declares.

    Raises Unauthenticated, Malformed, TooLarge, and RequestValidationError (see ``wording``).
    """

    def __init__(self, identify: Identify) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._identify = identify

    def handler(self, app: Resolver, next_middleware: Callable[[Resolver], Response[Any]]) -> Response[Any]:  # type: ignore[override]
        route: Route = app.context["_route"]
        if not (route.openapi_extensions == OPEN or _brings_ticket(app, route)):
            app.caller = self._identify(bearer_token(app.current_event.headers.get("authorization")))
        _refuse_query(app, route)
        return super().handler(app, next_middleware)  # type: ignore[arg-type]

    def _get_body(self, app: Resolver) -> dict[str, Any] | None:  # type: ignore[override]
        """The JSON object with its decimals as they were written, whatever type it is said to be of."""
        optional = not any(field.required for field in app.context["_route"].dependant.body_params)
        if optional and not app.current_event.body:
            return None
        body = read_body(app.current_event)
        app.note_mode(body)
        return body


def _brings_ticket(app: Resolver, route: Route) -> bool:
    return route.openapi_extensions == TICKET_TOO and "ticket" in (app.current_event.query_string_parameters or {})


def _refuse_query(app: Resolver, route: Route) -> None:
    """A misspelt filter that is ignored would answer more than was asked for; what the record cannot hold, it cannot
    even be asked for."""
    known = [field.alias for field in route.dependant.query_params]
    query = app.current_event.query_string_parameters or {}
    there_are = f"is not known here; there are {', '.join(known) or 'none'}"
    found = [FieldProblem(name, there_are) for name in query if name not in known]
    found += [FieldProblem(name, why[1]) for name, value in query.items() if (why := storable.problem(value))]
    if found:
        raise Invalid("The query is not valid", found)
