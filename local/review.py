"""Asks a person on the terminal for the decision at a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baton.model import Decision as DecisionRules
from baton_client.approvals import Approval, Option
from baton_client.vocabulary import Decision
from cli.checkpoint import is_shortened, sql_of
from cli.figures import readable
from cli.parameters import typed_value
from cli.screen import Screen

WHOLE_SQL = "sql"

Ask = Callable[[str], str]


@dataclass(frozen=True)
class Answer:
    """A person's decision. ``body`` is the request of the API."""

    decision: Decision
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"decision": self.decision}
        if self.notes:
            body["notes"] = self.notes
        if self.modifications:
            body["modifications"] = dict(self.modifications)
        return body


def ask(screen: Screen, approval: Approval, parameters: Sequence[Mapping[str, Any]], ask: Ask) -> Answer:
    """Ask for the decision. ``parameters`` are the definition's, each with its current ``value``.

    Raises EOFError at the end of the input.
    """
    options: dict[str, Option] = {option["action"]: option for option in approval["options"] or []}
    for action, option in options.items():
        screen.line(f"  {action:<9} {option['label']}")
    sql = sql_of(approval)
    if is_shortened(screen, sql):
        screen.line(f"  {WHOLE_SQL:<9} Show the whole SQL")
    while (decision := _choose(screen, [*options, WHOLE_SQL] if sql else list(options), ask)) == WHOLE_SQL:
        screen.text(f"\n{sql}\n")
        screen.line()
    option, modifications = options[decision], {}
    if option["allowsModification"]:
        modifications = _changes(screen, parameters, ask)
    asks_again = DecisionRules(decision).takes_modifications
    what = "What else should be different, in your words" if asks_again else "Notes for the record"
    notes = ask(f"{what} (Enter for none): ").strip()
    return Answer(option["action"], notes or None, modifications)


def _choose(screen: Screen, actions: Sequence[str], ask: Ask) -> str:
    """Ask for one of the actions, by its name or an unambiguous beginning of it."""
    while True:
        text = ask(f"{' / '.join(actions)} (the first letter will do)? ").strip().lower()
        matches = [action for action in actions if text and action.startswith(text)]
        if len(matches) == 1:
            return matches[0]
        screen.line(f"Please type one of {', '.join(actions)}, or its first letter.")


def _changes(screen: Screen, parameters: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
    screen.line("What should be different? Enter keeps the value in brackets.")
    changes = {}
    for parameter in parameters:
        choices = f" ({'/'.join(map(str, parameter['enum']))})" if parameter["enum"] else ""
        text = ask(f"  {parameter['name']}{choices} [{readable(parameter['value'])}]: ").strip()
        if text:
            changes[parameter["name"]] = typed_value(parameter["type"], text)
    return changes
