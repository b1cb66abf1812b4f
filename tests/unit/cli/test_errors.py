"""What the command says, and its exit code, when another program answers, or the gateway refuses."""

from __future__ import annotations

import json

import httpx
import pytest

from cli import command as command_module
from cli import errors, main
from cli.settings import client_of
from tests.unit.cli.conftest import RUN, FakeApi, Shell, an_answer

LISTS = [
    (("runs",), "GET /orchestrations/runs"),
    (("approvals",), "GET /orchestrations/approvals"),
    (("members",), "GET /organizations/demo/members"),
    (("outbox",), "GET /orchestrations/outbox"),
    (("status", RUN), f"GET /orchestrations/runs/{RUN}"),
]


@pytest.mark.parametrize(("words", "request_line"), LISTS)
@pytest.mark.parametrize("document", ['{"hello": "world"}', "[1]"])
def test_another_json_service_is_no_deployment(
    api: FakeApi, shell: Shell, words: tuple[str, ...], request_line: str, document: str
) -> None:
    api.answers[request_line] = [an_answer(200, "application/json", document)]
    assert shell.baton(*words) == 3
    assert shell.err.startswith("http://api.test answered 200 and JSON ")
    assert shell.err.endswith(": is it a deployment of Baton?\n")


def test_the_gateways_refusal_has_its_words(api: FakeApi, shell: Shell) -> None:
    api.answers["GET /orchestrations/runs"] = [an_answer(413, "application/json", '{"message": "Too long"}')]
    assert shell.baton("runs") == 1
    assert shell.err == "Request Entity Too Large: Too long\n"


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_deployment_is_named_as_such(api: FakeApi, shell: Shell, status: int) -> None:
    api.answers["GET /orchestrations/runs"] = [an_answer(status, "application/json", '{"message": "Slow down"}')]
    assert shell.baton("runs") == 1
    assert f"Slow down. {errors.OVERLOADED}\n" in shell.err
    assert shell.baton("runs", "--json") == 1
    assert json.loads(shell.err)["status"] == status


@pytest.mark.parametrize("words", [("status", ""), ("status", "..")])
def test_an_id_that_no_request_can_have_is_one_line(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.baton(*words) == 1
    assert shell.err == f"run_id cannot be {words[1]!r}.\n"


@pytest.mark.parametrize(
    ("url", "token", "name"), [("https://", "t", "url"), ("http://api.test", "größe", "token must be ASCII")]
)
def test_settings_that_no_request_can_have_are_named(
    monkeypatch: pytest.MonkeyPatch, shell: Shell, url: str, token: str, name: str
) -> None:
    monkeypatch.setattr(command_module, "client_of", lambda settings: client_of(settings, httpx.MockTransport(None)))  # type: ignore[arg-type]
    assert shell.baton("runs", environ={"BATON_URL": url, "BATON_TOKEN": token}) == 3
    assert shell.err.startswith(f"BATON_URL and BATON_TOKEN name no deployment: {name}")


@pytest.mark.parametrize(("in_checkout", "expected"), [(True, True), (False, False)])
def test_only_a_checkout_mentions_make_up(
    monkeypatch: pytest.MonkeyPatch, shell: Shell, in_checkout: bool, expected: bool
) -> None:
    for module in (errors, command_module, main):
        monkeypatch.setattr(module, "is_checkout", lambda: in_checkout)
    assert ("make up" in errors.start_hint()) is expected
    assert ("make up" in main.parser().format_help()) is expected
    assert "BATON_URL and BATON_TOKEN" in errors.start_hint()
    with pytest.raises(errors.CommandFailed, match="set DATABASE_URL") as failed:
        _ = command_module.Command(None, None, {}).database_url  # type: ignore[arg-type]
    assert ("make up" in str(failed.value)) is expected
