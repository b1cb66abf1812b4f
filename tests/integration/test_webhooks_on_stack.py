"""Webhooks on the stack: from the API to a receiver on this machine, by the queues of the template."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from standardwebhooks.webhooks import Webhook

from baton.usecases.deliver_webhooks import AT_ONCE, PLACES
from cli.checkout import ROOT
from cli.main import main
from local.stack import Stack
from tests.integration.fake_agent import FakeAgent
from tests.integration.stack_client import ApiProblem, StackClient, step
from tests.integration.waiting import PATIENCE, wait_until
from tests.integration.webhook_receiver import Received, WebhookReceiver

WEBHOOKS = "/organizations/demo/webhooks"
COMPLETED = "orchestration.run.completed"
PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples" / "webhook-receiver"


class WebhookClient:
    """The webhook of a URL; ``verify`` makes it active."""

    def __init__(self, client: StackClient, url: str, **fields: Any) -> None:
        self.client = client
        self.created = client.post(WEBHOOKS, {"url": url, **fields})
        self.secret = str(self.created.pop("secret"))
        self.path = f"{WEBHOOKS}/{self.created['id']}"

    def verify(self) -> WebhookClient:
        self.client.post(f"{self.path}/test", {})
        wait_until(lambda: self.now()["status"] == "active")
        return self

    def now(self) -> Any:
        return next(one for one in self.client.get(WEBHOOKS)["webhooks"] if one["id"] == self.created["id"])

    def deliveries(self) -> list[Any]:
        """Those of events; pings are none of these."""
        found: list[Any] = self.client.get(f"{self.path}/deliveries?limit=100")["deliveries"]
        return [one for one in found if one["eventType"] != "baton.ping"]

    def statuses(self) -> list[str]:
        return [one["status"] for one in self.deliveries()]

    def wait_for_deliveries(self, status: str, times: int = 1) -> list[Any]:
        wait_until(lambda: self.statuses() == [status] * times)
        return self.deliveries()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with closing(WebhookReceiver()) as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def no_webhooks_are_left(client: StackClient) -> Iterator[None]:
    yield
    for webhook in client.get(WEBHOOKS)["webhooks"]:
        client.send(f"{WEBHOOKS}/{webhook['id']}", method="DELETE")


def active(client: StackClient, receiver: WebhookReceiver, **fields: Any) -> WebhookClient:
    webhook = WebhookClient(client, receiver.url, **fields)
    receiver.secret = webhook.secret
    return webhook.verify()


def of_run(requests: Sequence[Received], run_id: str) -> list[Any]:
    """The events of a run among the requests."""
    return [one.event for one in requests if one.event["type"] != "baton.ping" and one.event["run"]["id"] == run_id]


def test_a_verified_webhook_gets_every_event_of_a_run_once_and_signed(
    client: StackClient, receiver: WebhookReceiver
) -> None:
    webhook = WebhookClient(client, receiver.url)
    receiver.secret = webhook.secret
    assert webhook.created["status"] == "unverified"
    webhook.verify()
    client.publish(step("work"))
    run_id = client.launch()
    client.wait_for_end(run_id)
    events = client.events(run_id)
    requests = receiver.wait_for(lambda all_: len(of_run(all_, run_id)) >= len(events))
    assert all(request.is_signed and request.id == request.event["id"] for request in requests)
    assert sorted(of_run(requests, run_id), key=lambda event: event["sequence"]) == events
    delivered = webhook.wait_for_deliveries("delivered", len(events))
    assert {(one["attempts"], one["responseStatus"]) for one in delivered} == {(1, 204)}


def test_a_message_that_is_no_event_fails_alone(client: StackClient, receiver: WebhookReceiver) -> None:
    active(client, receiver, eventTypes=[])
    client.publish(step("work"))
    [event, *_] = client.events(client.launch())
    malformed = [
        {},
        {**event, "id": "x"},
        {**event, "run": None},
        {**event, "sequence": True},
        {**event, "sequence": 2**63},
    ]
    bodies = [json.dumps({"detail": detail}) for detail in (event, *malformed)]
    records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
    answer = json.loads(client.stack.invoke("webhook", {"Records": records}).payload)
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["1", "2", "3", "4", "5"]


def test_an_unverified_webhook_gets_pings_alone(client: StackClient, receiver: WebhookReceiver) -> None:
    receiver.answer = lambda request: 500
    webhook = WebhookClient(client, receiver.url)
    receiver.secret = webhook.secret
    client.post(f"{webhook.path}/test", {})
    receiver.wait_for(lambda requests: requests)
    client.publish(step("work"))
    client.wait_for_end(client.launch())
    assert (webhook.now()["status"], webhook.deliveries()) == ("unverified", [])
    with pytest.raises(ApiProblem, match="not verified yet"):
        client.launch(callback={"url": receiver.url, "events": [COMPLETED]})


def test_a_failure_is_tried_again_with_the_same_id_and_bytes(client: StackClient, receiver: WebhookReceiver) -> None:
    webhook = active(client, receiver, eventTypes=[COMPLETED])
    statuses = iter([503, 204])
    receiver.answer = lambda request: next(statuses)
    client.publish(step("work"))
    client.launch()
    [delivery] = webhook.wait_for_deliveries("delivered")
    attempts = [one for one in receiver.received() if one.event["type"] == COMPLETED]
    assert (delivery["attempts"], len(attempts)) == (2, 2)
    assert len({(one.id, one.body) for one in attempts}) == 1
    assert all(one.is_signed for one in attempts)


def test_a_callback_gets_the_events_of_its_run_and_of_its_child_runs(
    client: StackClient, receiver: WebhookReceiver
) -> None:
    active(client, receiver, eventTypes=[])
    callback = {"url": receiver.url, "events": [COMPLETED]}
    child = client.publish(step("work"))
    parent = StackClient(client.stack, "http://127.0.0.1:1/")
    parent.publish({"id": "child", "orchestration": {"name": child}})
    run_id = parent.launch(callback=callback)
    parent.wait_for_end(run_id)
    client.wait_for_end(client.launch())  # without a callback
    runs = {run_id, *client.children(run_id)}
    receiver.wait_for(lambda requests: len([one for one in requests if one.event["type"] == COMPLETED]) >= len(runs))
    answered = client.call_agent(
        f"{child}-desk", "build", orchestration={"name": child}, callback=callback
    )["payload"]["content"]  # fmt: skip
    runs.add(answered["orchestrationRunId"])
    receiver.wait_for(lambda requests: of_run(requests, answered["orchestrationRunId"]))
    completed = [one.event["run"]["id"] for one in receiver.received() if one.event["type"] != "baton.ping"]
    assert (set(completed), len(completed)) == (runs, 3)


def test_an_execution_that_launches_a_run_may_name_a_callback(client: StackClient, receiver: WebhookReceiver) -> None:
    active(client, receiver, eventTypes=[])
    client.publish(step("work"))
    client.send("/organizations/demo/launcher", method="PUT")
    wanted = {"organization": "demo", "orchestration": client.name}
    executions = boto3.client("stepfunctions")
    execution = executions.start_execution(
        stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:baton-launch",
        input=json.dumps({**wanted, "callback": {"url": receiver.url, "events": [COMPLETED]}}),
    )["executionArn"]
    receiver.wait_for(lambda requests: [one for one in requests if one.event["type"] == COMPLETED])
    run_id = json.loads(executions.describe_execution(executionArn=execution)["output"])["runId"]
    assert of_run(receiver.received(), run_id)
    client.send("/organizations/demo/launcher", method="DELETE")


def test_a_slow_webhook_has_four_requests_at_work_and_takes_nobodys_turn(
    client: StackClient, agent: FakeAgent, receiver: WebhookReceiver
) -> None:
    """Four requests are held. Before the first of them runs into its time limit, another webhook gets an event."""
    held: list[str] = []
    released = threading.Event()

    def hold(request: Received) -> int:
        if request.event["type"] != "baton.ping":
            held.append(request.id)
            released.wait(PATIENCE)
        return 204

    receiver.answer = hold
    slow_webhook = active(client, receiver)
    last_step = agent.hold("c")
    with closing(WebhookReceiver()) as quick:
        quick_webhook = active(client, quick, eventTypes=[COMPLETED])
        client.publish(step("a"), step("b", "a"), step("c", "b"))
        run_id = client.launch()
        wait_until(lambda: len(held) == AT_ONCE)
        last_step.set()
        quick_webhook.wait_for_deliveries("delivered")
        assert len(held) == AT_ONCE
        released.set()
    events = client.events(run_id)
    assert len(events) > AT_ONCE
    wait_until(lambda: len(slow_webhook.deliveries()) == len(events))
    wait_until(lambda: all(one["attempts"] for one in slow_webhook.deliveries()))


def test_an_event_goes_out_while_many_slow_webhooks_are_at_work(client: StackClient, receiver: WebhookReceiver) -> None:
    released, at_work = threading.Event(), [0]

    def hold(request: Received) -> int:
        if request.event["type"] != "baton.ping":
            released.wait(PATIENCE)
        return 204

    def has(quick: WebhookClient, count: int) -> bool:
        [(leases,)] = client.rows("select count(*) from baton.webhook_deliveries where lease_until > now()")
        at_work.append(leases)
        return quick.statuses() == ["delivered"] * count

    with closing(WebhookReceiver()) as slow:
        slow.answer = hold
        many = [WebhookClient(client, f"{slow.url}/{number}") for number in range(16)]
        for webhook in many:
            slow.secret = webhook.secret
            webhook.verify()
        quick = active(client, receiver)
        client.publish(step("a"), step("b"), step("c"))
        run_id = client.launch()
        wait_until(lambda: has(quick, len(client.events(run_id))) and max(at_work) >= len(many))
        client.wait_for_end(run_id)
        wait_until(lambda: has(quick, len(client.events(run_id))))
        released.set()
    # Half of the places, and one more for each webhook; with four for each, all places would be taken.
    assert max(at_work) <= PLACES // 2 + len(many) + 1


def test_during_a_rotation_both_secrets_verify(client: StackClient, receiver: WebhookReceiver) -> None:
    webhook = active(client, receiver)
    rotated = client.post(f"{webhook.path}/rotate", {})
    assert (rotated["secretVersion"], rotated["secret"] != webhook.secret) == (2, True)
    client.post(f"{webhook.path}/test", {})
    requests = receiver.wait_for(lambda requests: len(requests) >= 2)
    for secret in (webhook.secret, rotated["secret"]):
        Webhook(secret).verify(requests[1].body.decode(), dict(requests[1].headers))


def test_a_webhook_that_is_gone_is_disabled_and_a_test_turns_it_on_again(
    client: StackClient, receiver: WebhookReceiver
) -> None:
    webhook = active(client, receiver, eventTypes=[COMPLETED])
    receiver.answer = lambda request: 410
    client.publish(step("work"))
    client.launch()
    [failed] = webhook.wait_for_deliveries("failed")
    assert (webhook.now()["status"], webhook.now()["disabledReason"]) == ("disabled", "gone")
    again = f"{webhook.path}/deliveries/{failed['id']}/redeliver"
    assert client.send(again, {}).status == 409
    receiver.answer = lambda request: 204
    webhook.verify()
    client.post(again, {})
    webhook.wait_for_deliveries("delivered")
    assert {one.id for one in receiver.received() if one.event["type"] == COMPLETED} == {failed["eventId"]}


def test_another_url_is_refused_like_a_first_one_and_tested_like_it(
    client: StackClient, receiver: WebhookReceiver
) -> None:
    webhook = active(client, receiver)
    for url in ("https://10.0.0.1/", "http://receiver.example.com/"):
        refused = client.send(webhook.path, {"url": url}, method="PATCH")
        assert (refused.status, [one["field"] for one in refused.json()["errors"]]) == (422, ["url"])
    changed = client.send(webhook.path, {"url": f"{receiver.url}/new"}, method="PATCH").json()
    assert (changed["status"], changed["secretVersion"]) == ("unverified", 1)
    webhook.verify()
    WebhookClient(client, receiver.url)  # the old one is free
    assert client.send(webhook.path, {"url": receiver.url}, method="PATCH").status == 409


def test_an_organisation_has_twenty_webhooks_and_each_url_once(client: StackClient) -> None:
    for number in range(20):
        WebhookClient(client, f"https://receiver-{number}.example.com/")
    again, more = (client.send(WEBHOOKS, {"url": f"https://receiver-{number}.example.com/"}) for number in (3, 20))
    assert (again.status, "with this URL" in again.text) == (409, True)
    assert (more.status, "may have no more" in more.text) == (409, True)


@pytest.mark.parametrize(
    "url", ["http://receiver.example.com/", "https://10.0.0.1/", "https://receiver.example.com:22/"]
)
def test_a_url_that_must_not_be_called_is_refused_with_its_reason(client: StackClient, url: str) -> None:
    answer = client.send(WEBHOOKS, {"url": url})
    assert (answer.status, [one["field"] for one in answer.json()["errors"]]) == (422, ["url"])


def test_only_admins_see_webhooks(client: StackClient, stack: Stack) -> None:
    client.token = stack.token("viewer", "operator", "approver")
    assert client.send(WEBHOOKS).status == 403
    client.token = stack.token("viewer", "operator", "approver", "admin")
    assert client.send("/organizations/nobody/webhooks").status == 404


# --- the receivers of the manual --------------------------------------------------------------------------------------


def typescript_program(folder: Path) -> list[str]:
    """The command of the TypeScript receiver, checked and compiled by the packages that its lock file pins."""
    if shutil.which("node") is None:
        pytest.skip("this machine has no Node.js, which runs the receiver in TypeScript")
    succeed(ROOT, "make", "--silent", ".webhook-receiver/.ready")
    for name in ("package.json", "receiver.ts"):
        shutil.copy(EXAMPLES / name, folder)
    (folder / "node_modules").symlink_to(ROOT / ".webhook-receiver" / "node_modules")
    compiler, *arguments = shlex.split(start_script().partition("&&")[0])
    succeed(folder, str(folder / "node_modules" / ".bin" / compiler), *arguments)
    return ["node", str(folder / "receiver.js")]


def succeed(folder: Path, *command: str) -> None:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def start_script() -> str:
    """What `npm start` runs in the folder of the example."""
    package = json.loads((EXAMPLES / "package.json").read_text(encoding="utf-8"))
    return str(package["scripts"]["start"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture(params=["python", "ts"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """The command of a receiver, whose text is the manual's."""
    name = {"python": "receiver.py", "ts": "receiver.ts"}[request.param]
    [shown] = re.findall(rf"```{request.param}\n(.*?)```", PAGE, re.DOTALL)
    assert shown == (EXAMPLES / name).read_text(encoding="utf-8")
    return [sys.executable, str(EXAMPLES / name)] if request.param == "python" else typescript_program(tmp_path)


class RunningReceiver:
    """A receiver as a program. ``lines`` are what it prints."""

    def __init__(self, program: list[str], port: int, secret: str) -> None:
        self.process = subprocess.Popen(
            program,
            env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()
        wait_until(lambda: self.process.poll() is not None or _listens(port))
        assert self.process.poll() is None

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as connected:
        return connected.connect_ex(("127.0.0.1", port)) == 0


def test_the_receivers_of_the_manual_print_the_events_of_a_run_by_the_command(
    client: StackClient, stack: Stack, program: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"

    def baton(*words: str) -> str:
        assert main(words, dict(stack.env)) == 0, capsys.readouterr().err
        return capsys.readouterr().out.strip()

    secret = baton("webhooks", "create", url, "--event", COMPLETED, "--description", "the manual's")
    with closing(RunningReceiver(program, port, secret)) as receiver:
        assert baton("webhooks", "test", url) == "It answered 204: the webhook is active."
        hang_up(port)
        client.publish(step("work"))
        client.launch()
        wait_until(lambda: len(receiver.lines) == 2)
        assert [line.split()[0] for line in receiver.lines] == ["baton.ping", COMPLETED]
        [delivery] = [one for one in deliveries_shown(baton, url) if one["eventType"] == COMPLETED]
        wait_until(lambda: deliveries_shown(baton, url)[0]["status"] == "delivered")
        baton("webhooks", "redeliver", url, delivery["id"])
        wait_until(lambda: len(receiver.lines) == 3)
        assert receiver.lines[2] == receiver.lines[1]
        for headers in (*FORGED, replayed(secret)):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(urllib.request.Request(url, b'{"type": "forged"}', headers), timeout=PATIENCE)
        assert len(receiver.lines) == 3
    assert url in baton("webhooks", "list")
    baton("webhooks", "delete", url)


FORGED: list[dict[str, str]] = [
    {},
    {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"},
    {"webhook-id": "x", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"},
    {"webhook-id": "x", "webhook-timestamp": str(int(time.time())), "webhook-signature": "none"},
]


def replayed(secret: str) -> dict[str, str]:
    """The headers of a good request that is six minutes old."""
    sent = datetime.now(UTC) - timedelta(minutes=6)
    signature = Webhook(secret).sign("x", sent, '{"type": "forged"}')
    return {"webhook-id": "x", "webhook-timestamp": str(int(sent.timestamp())), "webhook-signature": signature}


def hang_up(port: int) -> None:
    """Sends a part of a request, and closes the connection."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connected:
        connected.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")


def deliveries_shown(baton: Any, url: str) -> list[Any]:
    shown: list[Any] = json.loads(baton("webhooks", "deliveries", url, "--json"))["deliveries"]
    return shown
