"""Every route of the API and of the stream is called with large values everywhere. ``ApiFixture.ask`` measures the
answers. A new route without a call fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.scene import Scene
from tests.integration.library.publishing_fixture import AGENT

RUNS, APPROVALS, TASKS = (
    "/orchestrations/runs",
    "/orchestrations/approvals",
    "/agent-to-agent/demo/finance-manager/tasks",
)
DEFINITIONS, DEMO = "/orchestrations/definitions", "/organizations/demo"
TEXT = "é" * 60_000
NOTE, CHANGES = "é" * 2_000, {"text": '"' * 30_000}
LAUNCH = {"organization": "demo", "orchestration": {"name": "reviewed"}, "parameters": {"regions": ['"' * 50_000] * 2}}
TASK = {"orchestration": {"name": "reviewed"}, "promptParameters": LAUNCH["parameters"]}

Call = tuple[str, Any]


def archived(scene: Scene) -> Call:
    scene.post(DEFINITIONS, scene.publish("to-archive"))
    return f"{DEFINITIONS}/to-archive/archive", {"organization": "demo", "version": "1.0.0"}


def redelivered(scene: Scene) -> Call:
    webhook, delivery = scene.delivery()
    return f"{DEMO}/webhooks/{webhook}/deliveries/{delivery}/redeliver", None


def tasks(scene: Scene) -> list[Call]:
    """All modes of the one route."""
    payloads = {
        "plan": TASK,
        "build": TASK,
        "orchestrator_run_human_response": {"approvalId": scene.approval(), "decision": "continue", "notes": NOTE},
        "orchestrator_run_cancel": {"orchestrationRunId": scene.waiting(), "notes": NOTE},
    }
    return [(TASKS, {"mode": mode, "payload": payload}) for mode, payload in payloads.items()]


def get(url: str, of: Callable[[Scene], str] = lambda scene: "") -> Callable[[Scene], Call]:
    """A call without a body. ``{}`` in the URL is what ``of`` makes."""
    return lambda scene: (url.format(of(scene)), None)


CALLS: dict[str, Callable[[Scene], Call | list[Call]]] = {
    "GET /health": get("/health"),
    "GET /openapi.json": get("/openapi.json"),
    "POST /agent-to-agent/<organization>/<agent>/tasks": tasks,
    f"POST {RUNS}": lambda scene: (RUNS, LAUNCH),
    f"GET {RUNS}": get(f"{RUNS}?limit=100", Scene.failed),
    f"GET {RUNS}/<run_id>": lambda scene: [(f"{RUNS}/{run}", None) for run in (scene.waiting(), scene.failed())],
    f"GET {RUNS}/<run_id>/status": get(RUNS + "/{}/status", Scene.failed),
    f"GET {RUNS}/<run_id>/events": get(RUNS + "/{}/events?limit=500", Scene.waiting),
    f"GET {RUNS}/<run_id>/steps": get(RUNS + "/{}/steps", Scene.failed),
    f"GET {RUNS}/<run_id>/steps/<step_id>/items": get(RUNS + "/{}/steps/each/items", Scene.failed),
    f"GET {RUNS}/<run_id>/attempts": get(RUNS + "/{}/attempts", Scene.failed),
    f"GET {RUNS}/<run_id>/approvals": get(RUNS + "/{}/approvals", Scene.waiting),
    f"GET {RUNS}/<run_id>/pending-approvals": get(RUNS + "/{}/pending-approvals", Scene.waiting),
    f"GET {RUNS}/<run_id>/deliverables": get(RUNS + "/{}/deliverables", Scene.waiting),
    f"GET {RUNS}/<run_id>/steps/<step_id>/outputs/<name>": get(RUNS + "/{}/steps/look/outputs/a", Scene.waiting),
    f"GET {RUNS}/<run_id>/values": get(RUNS + "/{}/values?pointer=/parameters", Scene.waiting),
    f"GET {RUNS}/<run_id>/status/stream": get(RUNS + "/{}/status/stream", Scene.waiting),
    f"POST {RUNS}/<run_id>/status/stream/ticket": get(RUNS + "/{}/status/stream/ticket", Scene.waiting),
    f"POST {RUNS}/<run_id>/actions/retry": lambda scene: (
        f"{RUNS}/{scene.failed()}/actions/retry", {"note": NOTE, "modifications": {"regions": ["x" * 60_000]}},
    ),
    f"POST {RUNS}/<run_id>/actions/skip": lambda scene: (
        f"{RUNS}/{scene.failed()}/actions/skip", {"note": NOTE, "replacementOutput": {"text": '"' * 200_000}},
    ),
    f"POST {RUNS}/<run_id>/actions/abort": lambda scene: (f"{RUNS}/{scene.waiting()}/actions/abort", {"note": NOTE}),
    f"POST {RUNS}/<run_id>/actions/fork": lambda scene: (
        f"{RUNS}/{scene.failed()}/actions/fork", {"stepId": "look", "note": NOTE},
    ),
    f"GET {APPROVALS}": get(f"{APPROVALS}?limit=100", Scene.waiting),
    f"GET {APPROVALS}/<approval_id>": get(APPROVALS + "/{}", Scene.approval),
    f"POST {APPROVALS}/<approval_id>/decision": lambda scene: (
        f"{APPROVALS}/{scene.approval()}/decision", {"decision": "retry", "notes": NOTE, "modifications": CHANGES},
    ),
    "GET /deliverables/<deliverable_id>": get("/deliverables/{}", Scene.deliverable),
    "GET /deliverables/<deliverable_id>/content": get("/deliverables/{}/content", Scene.deliverable),
    "GET /deliverables/<deliverable_id>/<name>": get("/deliverables/{}/more.txt", Scene.deliverable),
    f"GET {DEFINITIONS}": get(DEFINITIONS),
    f"POST {DEFINITIONS}": lambda scene: (DEFINITIONS, scene.publish("new-one")),
    f"GET {DEFINITIONS}/<name>": get(f"{DEFINITIONS}/reviewed"),
    f"GET {DEFINITIONS}/<name>/versions": get(f"{DEFINITIONS}/reviewed/versions"),
    f"GET {DEFINITIONS}/<name>/values": get(
        f"{DEFINITIONS}/reviewed/values?organization=demo&version=1.0.0&pointer=/steps"
    ),
    f"POST {DEFINITIONS}/<name>/archive": archived,
    "GET /agents": get("/agents"),
    "POST /agents": lambda scene: (
        "/agents", {"organization": "demo", "source": AGENT.replace("Greets a person by name.", TEXT)},
    ),
    "GET /agents/<slug>": get("/agents/summarizer"),
    "GET /agents/<slug>/values": get("/agents/summarizer/values?organization=global&pointer=/description"),
    "GET /orchestrations/outbox": get("/orchestrations/outbox?limit=500", Scene.waiting),
    "POST /orchestrations/outbox/redrive": lambda scene: ("/orchestrations/outbox/redrive", {"organization": "demo"}),
    "POST /orchestrations/outbox/<effect_id>/redrive": get("/orchestrations/outbox/{}/redrive", Scene.effect),
    f"GET {DEMO}": get(DEMO),
    f"PUT {DEMO}/time-zone": lambda scene: (f"{DEMO}/time-zone", {"timeZone": "Europe/Berlin"}),
    f"PUT {DEMO}/launcher": get(f"{DEMO}/launcher"),
    f"DELETE {DEMO}/launcher": get(f"{DEMO}/launcher"),
    f"GET {DEMO}/members": get(f"{DEMO}/members"),
    f"PUT {DEMO}/members/<user_id>": lambda scene: (
        f"{DEMO}/members/{scene.one('select gen_random_uuid() as id')}", {"roles": ["viewer", "operator"]},
    ),
    f"DELETE {DEMO}/members/<user_id>": get(DEMO + "/members/{}", Scene.member),
    f"GET {DEMO}/service-tokens": get(f"{DEMO}/service-tokens"),
    f"POST {DEMO}/service-tokens": lambda scene: (
        f"{DEMO}/service-tokens",
        {"name": "😀" * 100, "roles": ["viewer"], "expiresAt": scene.one("select now() + '1 day' as id")},
    ),
    f"DELETE {DEMO}/service-tokens/<token_id>": get(DEMO + "/service-tokens/{}", Scene.token),
    f"GET {DEMO}/webhooks": get(f"{DEMO}/webhooks", Scene.webhook),
    f"POST {DEMO}/webhooks": lambda scene: (
        f"{DEMO}/webhooks", {"url": f"https://hooks.example.com/{'x' * 1_000}", "description": '"' * 500},
    ),
    f"PATCH {DEMO}/webhooks/<webhook_id>": lambda scene: (
        f"{DEMO}/webhooks/{scene.webhook()}", {"description": '"' * 500},
    ),
    f"DELETE {DEMO}/webhooks/<webhook_id>": get(DEMO + "/webhooks/{}", Scene.webhook),
    f"POST {DEMO}/webhooks/<webhook_id>/test": get(DEMO + "/webhooks/{}/test", Scene.webhook),
    f"POST {DEMO}/webhooks/<webhook_id>/rotate": get(DEMO + "/webhooks/{}/rotate", Scene.webhook),
    f"GET {DEMO}/webhooks/<webhook_id>/deliveries": get(
        DEMO + "/webhooks/{}/deliveries", lambda scene: scene.delivery()[0]
    ),
    f"POST {DEMO}/webhooks/<webhook_id>/deliveries/<delivery_id>/redeliver": redelivered,
}  # fmt: skip


def routes_of(api: ApiFixture) -> set[str]:
    """Every route of both functions, with ``demo`` as the organisation."""
    return {
        f"{route.method} {route.path.replace('/organizations/<organization>', DEMO)}"
        for resolver in (api.api, api.stream)
        for route in resolver._static_routes + resolver._dynamic_routes
    }


@pytest.fixture(scope="module")
def scene(api: ApiFixture) -> Iterator[Scene]:
    scene = Scene(api)
    yield scene
    scene.close()


def test_every_route_has_a_call(api: ApiFixture) -> None:
    assert routes_of(api) == CALLS.keys()


@pytest.mark.parametrize("route", CALLS)
def test_every_route_answers_within_the_limit(api: ApiFixture, scene: Scene, route: str) -> None:
    calls = CALLS[route](scene)
    for url, body in calls if isinstance(calls, list) else [calls]:
        answered = api.ask(route.partition(" ")[0], url, body)
        assert answered["statusCode"] < 300, answered["body"]
