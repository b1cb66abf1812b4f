"""Powertools' HTTP API resolver, with Baton's errors, and safe with several threads and resolvers in one process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from baton.api.requests import is_slug
from baton.api.wording import invalid
from baton.errors import FieldProblem, Invalid, NotFound
from baton.model import GLOBAL, Principal

Organizations = Callable[[Principal], Collection[str]]
"""Caller → the slugs of the organisations that they are a member of."""

_current_event: ContextVar[APIGatewayProxyEventV2] = ContextVar("current_event")


OPEN: Mapping[str, Any] = {"security": []}
"""OpenAPI's words for an operation without a token. Only a route with this is open."""
TICKET_TOO: Mapping[str, Any] = {"security": [{"bearer": []}, {"ticket": []}]}
"""OpenAPI's words for an operation that takes a token or a ticket. The route itself checks the ticket."""


class Resolver(APIGatewayHttpResolver):
    """Routes one request. Answers every error as a problem document, also for an unknown path and a wrong method.

    Powertools keeps the current event on a class that all resolvers of a process share. A Lambda function has one
    request at a time, but the local stack answers several in one process: one caller could get the identity of another.
    So this resolver keeps the event per thread.
    """

    caller: Principal
    """The sender of the current request. Open routes do not set it."""

    def __init__(self, identify: Identify, organizations: Organizations = lambda caller: ()) -> None:
        super().__init__(serializer=exact_json.dumps)
        self.elsewhere: Sequence[Route] = ()  # paths of this API that another function answers
        # No logger of ``logging``: Powertools drops records of the root logger whose name contains the service's
        # (`api`).
        self._logger = logs.logger()
        self._mode: str | None = None  # of the agent-to-agent dialect, once it is known
        self.use([_ReadRequest(identify, organizations)])
        self.exception_handler(Exception)(self._answer_error)
        self.not_found(self._answer_unknown_route)

    @property
    def current_event(self) -> APIGatewayProxyEventV2:  # type: ignore[override]
        return _current_event.get()

    @property
    def routes(self) -> Sequence[Route]:
        return [*self._static_routes, *self._dynamic_routes]

    def note_mode(self, body: Mapping[str, Any]) -> None:
        """Keeps the mode of an agent-to-agent request, because an error repeats it."""
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
            context = {"method": event.http_method, "path": event.path, "request": request_id}
            self._logger.error("a request failed", exc_info=error, extra=context)
        return problems.response(error, instance=self.current_event.path, dialect=self._dialect())

    def _answer_unknown_route(self, _: NotFoundError) -> Response[str]:
        method, path = self.current_event.http_method.upper(), self.current_event.path
        known = [*self.routes, *self.elsewhere]
        allowed = tuple(sorted({route.method for route in known if route.rule.match(path)}))
        if allowed:
            return self._answer_error(problems.MethodNotAllowed(method, allowed))
        return self._answer_error(problems.RouteUnknown(f"There is no route {path}."))

    def _body_type(self) -> Any:
        """The type of the route's body; None if it has none."""
        declared = self.context["_route"].dependant.body_params
        return declared[0].type_ if declared else None

    def _dialect(self) -> Mapping[str, Any]:
        """``success`` and ``mode``, which every answer of the agent-to-agent dialect has."""
        if not self.current_event.path.startswith("/agent-to-agent/"):
            return {}
        return {"success": False, "mode": self._mode}


class _ReadRequest(OpenAPIRequestValidationMiddleware):
    """Identifies the caller first. Then reads and checks the parameters and the body that the route declares. Only
    members of the organisation in the request get the errors of a body.

    Raises Unauthenticated, Malformed, TooLarge, NotFound, and RequestValidationError (see ``wording``).
    """

    def __init__(self, identify: Identify, organizations: Organizations) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._identify = identify
        self._organizations = organizations

    def handler(self, app: Resolver, next_middleware: Callable[[Resolver], Response[Any]]) -> Response[Any]:  # type: ignore[override]
        route: Route = app.context["_route"]
        if not (route.openapi_extensions == OPEN or _brings_ticket(app, route)):
            app.caller = self._identify(bearer_token(app.current_event.headers.get("authorization")))
        _refuse_query(app, route)
        try:
            return super().handler(app, next_middleware)  # type: ignore[arg-type]
        except RequestValidationError:
            self._check_membership(app)
            raise

    def _check_membership(self, app: Resolver) -> None:
        named = [name for name in _named_organizations(app) if name != GLOBAL]
        if not named:
            return
        own = self._organizations(app.caller)
        for name in named:
            if name not in own:
                raise NotFound(f"there is no organisation {name} that you are a member of")

    def _get_body(self, app: Resolver) -> dict[str, Any] | None:  # type: ignore[override]
        """The JSON object with exact decimals, whatever its content type."""
        optional = not any(field.required for field in app.context["_route"].dependant.body_params)
        if optional and not app.current_event.body:
            return None
        body = read_body(app.current_event)
        app.note_mode(body)
        return body


def _named_organizations(app: Resolver) -> Iterator[str]:
    """The organisations in the path and in the body."""
    arguments = app.context.get("_route_args") or {}
    body = read_body(app.current_event) if app.current_event.body else {}
    for name in (arguments.get("organization"), body.get("organization")):
        if isinstance(name, str) and is_slug(name):
            yield name


def _brings_ticket(app: Resolver, route: Route) -> bool:
    return route.openapi_extensions == TICKET_TOO and "ticket" in (app.current_event.query_string_parameters or {})


def _refuse_query(app: Resolver, route: Route) -> None:
    """Raises Invalid for an unknown parameter, which may be a misspelt filter, and for text that Postgres refuses."""
    known = [field.alias for field in route.dependant.query_params]
    query = app.current_event.query_string_parameters or {}
    message = f"is not known here; there are {', '.join(known) or 'none'}"
    wrong = [FieldProblem(name, message) for name in query if name not in known]
    wrong += [FieldProblem(name, why[1]) for name, value in query.items() if (why := storable.problem(value))]
    if wrong:
        raise Invalid("The query is not valid", wrong)
