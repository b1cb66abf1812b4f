"""The words that the functions of the record answer with, and answer to, are those of the model.

They are read from ``supabase/schemas``. What a migrated database checks is compared in
``tests/integration/record/test_words.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from enum import StrEnum
from typing import Literal, get_args

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from baton import model
from baton.api.routes.tasks import Task
from baton.model import Decision, RecoverOutcome, Refusal, RunStatus, SettleRunOutcome, TaskMode, TimeoutAction
from baton.words import AnsweredWord, Word
from cli.checkout import ROOT

SCHEMAS = ROOT / "supabase" / "schemas"
# Function → the words of its outcome. The store says NOT_FOUND where a function answers with null.
OUTCOMES: Mapping[str, Set[StrEnum]] = {
    "abort_run": set(model.AbortOutcome) - {model.AbortOutcome.NOT_FOUND},
    "claim_delivery": set(model.ClaimOutcome),
    "create_webhook": set(model.CreateWebhookOutcome),
    "update_webhook": set(model.UpdateWebhookOutcome),
    "finish_delivery": set(model.FinishOutcome),
    "redeliver_webhook": set(model.RedeliverOutcome),
    "begin_step": {*model.BeginOutcome, *Refusal},
    "confirm_end": set(model.ConfirmEndOutcome),
    "decide_approval": set(model.DecideOutcome),
    "expire_approval": set(model.ExpireOutcome),
    "move_run": {SettleRunOutcome.MOVED},
    "time_out_run": {SettleRunOutcome.SETTLED, SettleRunOutcome.ENDED},
    "open_checkpoint": {*model.CheckpointOutcome, *Refusal},
    "open_gate": {*model.GateOutcome, *Refusal},
    "put_member": set(model.PutMemberOutcome),
    "put_time_zone": set(model.PutTimeZoneOutcome),
    "recover_run": set(RecoverOutcome) - {RecoverOutcome.NOT_FOUND},
    "remove_member": set(model.RemoveMemberOutcome),
    "settle_orphans": {SettleRunOutcome.SETTLED},
    "settle_run": {
        SettleRunOutcome.SETTLED,
        SettleRunOutcome.ENDED,
        SettleRunOutcome.STALE_GENERATION,
        SettleRunOutcome.UNKNOWN_EXECUTION,
    },
    "settle_step": {*model.SettleStepOutcome, *Refusal},
}
# The callers of these functions read the effects and not the outcome.
UNREAD = {"abort_child", "settle_child"}
# Function → the decisions, of a person or of the definition, for each of which it has a case.
DECISIONS: Mapping[str, Set[StrEnum]] = {
    "decide_approval": set(Decision),
    "is_approval_over": {*Decision, *TimeoutAction},
    "apply_decision": {*Decision, *TimeoutAction},
    "decision_outcome": set(Decision),
}
# The helpers that return an outcome.
OUTCOME_HELPERS = ("abort_tree", "decision_outcome", "refusal", "refusal_of_waiting", "settle_tree")
ASSIGNED = r"\boutcome(?: text)? := ([^;]*);"
RETURNED = r"\breturn ([^;]*);"
# A word is a branch of a case, the last argument of coalesce, or the whole value.
WORD = r"(?:\bthen|\belse|\),|^)\s*'(\w+)'"


def body(function: str) -> str:
    """The SQL of the function without comments."""
    return re.sub(r"--.*", "", (SCHEMAS / f"{function}.sql").read_text(encoding="utf-8"))


def words_of(function: str, *statements: str) -> Iterator[str]:
    """The words of the values in these statements, with the words of the helpers that they call
    (``OUTCOME_HELPERS``)."""
    for value in (value for statement in statements for value in re.findall(statement, body(function))):
        yield from re.findall(WORD, value)
        for helper in OUTCOME_HELPERS:
            if f"baton.{helper}(" in value:
                yield from words_of(helper, ASSIGNED, RETURNED)


def outcomes_of(function: str) -> set[str]:
    constant = re.findall(r"baton\.run_answer\(p_run_id, p_boundary_id, '(\w+)'", body(function))
    return {*constant, *words_of(function, ASSIGNED)}


def test_every_function_that_answers_with_an_outcome_has_its_words() -> None:
    answering = {
        file.stem for file in SCHEMAS.glob("*.sql") if re.search(r"'outcome'|baton\.run_answer\(", body(file.stem))
    }
    assert answering - {"run_answer"} == OUTCOMES.keys() | UNREAD


@pytest.mark.parametrize("function", OUTCOMES)
def test_a_function_answers_with_the_words_of_its_enum(function: str) -> None:
    assert outcomes_of(function) == set(OUTCOMES[function])


def test_the_outcomes_of_a_runs_end_are_those_of_three_functions() -> None:
    of_python = {SettleRunOutcome.NOT_FOUND, SettleRunOutcome.NOT_OURS}
    of_functions = OUTCOMES["settle_run"] | OUTCOMES["move_run"] | OUTCOMES["settle_orphans"]
    assert of_functions | of_python == set(SettleRunOutcome)


@pytest.mark.parametrize("function", DECISIONS)
def test_a_function_has_a_case_for_every_decision(function: str) -> None:
    (cases,) = re.findall(r"\bcase p_decision\b(.*?)\bend\b", body(function), re.DOTALL)
    assert set(re.findall(r"\bwhen '(\w+)'", cases)) == set(DECISIONS[function])
    assert not re.search(r"\belse\b", cases)


def test_no_function_asks_for_one_decision() -> None:
    """A decision that such a question does not name would get an answer in silence."""
    asked = r"\bp_decision (?:=|<>|!=|in|not in) "
    assert [file.stem for file in SCHEMAS.glob("*.sql") if re.search(asked, body(file.stem))] == []


def test_the_dialect_of_agents_has_a_body_for_every_mode() -> None:
    bodies, *_ = get_args(Task)
    assert {tag.tag for body in get_args(bodies) for tag in get_args(body)[1:]} == set(TaskMode)


class Answered(BaseModel):
    model_config = ConfigDict(strict=True)

    decision: Word[Decision | Literal[TimeoutAction.FAIL]]
    status: AnsweredWord[RunStatus] = RunStatus.PENDING


def test_a_field_takes_the_text_of_a_word_and_holds_the_word() -> None:
    assert Answered.model_validate({"decision": "retry"}).decision is Decision.RETRY
    assert Answered.model_validate({"decision": "fail"}).decision is TimeoutAction.FAIL
    with pytest.raises(ValidationError, match="'continue', 'retry', 'abort' or 'fail'"):
        Answered.model_validate({"decision": "maybe"})


def test_a_field_is_described_as_the_literal_of_its_words_and_an_answers_as_text() -> None:
    described = Answered.model_json_schema()["properties"]
    literal = TypeAdapter(Literal["continue", "retry", "abort", "fail"]).json_schema()
    assert described["decision"] == {**literal, "title": "Decision"}
    assert described["status"] == {"type": "string", "default": "pending", "title": "Status"}
