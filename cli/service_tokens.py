"""``baton service-token``: what machines call the API with. For an organisation's admins."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

from baton_client.service_tokens import ServiceToken
from cli.command import Command, Subparsers, add_parser, add_roles

MOST_DAYS = 366
_COLUMNS = ("ID", "NAME", "ROLES", "EXPIRES", "REVOKED")


def add_parsers(subparsers: Subparsers) -> None:
    summary = "make, list and revoke the tokens that machines call with"
    noun = subparsers.add_parser("service-token", help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    verbs = noun.add_subparsers(metavar="VERB", required=True)

    create = add_parser(verbs, "create", create_token, "make a token and print it, this once")
    create.add_argument("name", metavar="NAME", help="what it is for, such as 'nightly launches'")
    add_roles(create, "given once for each role", required=True)
    create.add_argument(
        "--days", type=_days, required=True, metavar="N", help=f"how long it is good, at most {MOST_DAYS}"
    )
    create.add_argument(
        "--allow-approver", action="store_true", help="needed for the role approver: let a machine take decisions"
    )
    show = add_parser(verbs, "list", list_tokens, "list the tokens, also those that are good no more")
    revoke = add_parser(verbs, "revoke", revoke_token, "revoke a token: from its next request on it is refused")
    revoke.add_argument("id", metavar="ID", help="what `baton service-token list` shows")
    for verb in (create, show, revoke):
        verb.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")


def create_token(command: Command) -> int:
    typed, screen = command.arguments, command.screen
    issued = command.client.service_tokens.create(
        typed.name,
        typed.roles,
        (datetime.now(UTC) + timedelta(days=typed.days)).isoformat(timespec="seconds"),
        allow_approver=typed.allow_approver,
        organization=command.organization,
    )
    if screen.json:
        screen.document(issued)
        return 0
    screen.raw(f"{issued['token']}\n")  # alone on standard output, for $(…)
    screen.complain(f"It is shown this once. Its id is {issued['id']}; it is good until {issued['expiresAt']}.")
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
    if not 0 < days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days above 0 and up to {MOST_DAYS}")
    return days
