"""``baton service-token``: the tokens with which machines call the API. For an organisation's admins."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

from baton_client.service_tokens import ServiceToken
from cli.command import Command, Subparsers, add_parser, add_roles

MAX_DAYS = 366
_COLUMNS = ("ID", "NAME", "ROLES", "EXPIRES", "REVOKED")


def add_parsers(subparsers: Subparsers) -> None:
    summary = "create, list and revoke the tokens with which machines call the API"
    noun = subparsers.add_parser("service-token", help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    verbs = noun.add_subparsers(metavar="VERB", required=True)

    create = add_parser(verbs, "create", create_token, "create a token and print it; it cannot be shown again")
    create.add_argument("name", metavar="NAME", help="its purpose, such as 'nightly launches'")
    add_roles(create, "repeat it for each role", required=True)
    create.add_argument("--days", type=_days, required=True, metavar="N", help=f"valid for N days, at most {MAX_DAYS}")
    create.add_argument(
        "--allow-approver", action="store_true", help="needed for the role approver: let a machine take decisions"
    )
    show = add_parser(verbs, "list", list_tokens, "list the tokens, also expired and revoked ones")
    revoke = add_parser(verbs, "revoke", revoke_token, "revoke a token: the API refuses its next request")
    revoke.add_argument("id", metavar="ID", help="the id that `baton service-token list` shows")
    for verb in (create, show, revoke):
        verb.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")


def create_token(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    issued = command.client.service_tokens.create(
        arguments.name,
        arguments.roles,
        (datetime.now(UTC) + timedelta(days=arguments.days)).isoformat(timespec="seconds"),
        allow_approver=arguments.allow_approver,
        organization=command.organization,
    )
    if screen.json:
        screen.document(issued)
        return 0
    screen.raw(f"{issued['token']}\n")  # alone on standard output, for $(…)
    screen.to_stderr(f"It cannot be shown again. Its id is {issued['id']}; it is valid until {issued['expiresAt']}.")
    return 0


def list_tokens(command: Command) -> int:
    screen = command.screen
    tokens = command.client.service_tokens.list(command.organization)
    if screen.json:
        screen.document(tokens)
    elif not tokens:
        screen.line(f"{command.organization} has no service tokens.")
    else:
        screen.table(_COLUMNS, [_row(token) for token in tokens])
    return 0


def revoke_token(command: Command) -> int:
    screen = command.screen
    revoked = command.client.service_tokens.revoke(command.arguments.id, organization=command.organization)
    if screen.json:
        screen.document(revoked)
    screen.line(f"{revoked['id']} ({revoked['name']}) is revoked.")
    return 0


def _row(token: ServiceToken) -> tuple[Any, ...]:
    return token["id"], token["name"], ", ".join(token["roles"]), token["expiresAt"], token["revokedAt"]


def _days(text: str) -> float:
    """For argparse."""
    try:
        days = float(text)
    except ValueError:
        days = 0
    if not 0 < days <= MAX_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days between 0 and {MAX_DAYS}")
    return days
