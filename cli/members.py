"""``baton members``: who belongs to an organisation, and what they may do there. For its admins."""

from __future__ import annotations

from typing import Any

from baton_client.members import Member
from cli.command import Command, Subparsers, add_parser, add_roles

_COLUMNS = ("USER", "ROLES", "SINCE")


def add_parsers(subparsers: Subparsers) -> None:
    members = add_parser(subparsers, "members", show, "show the members of an organisation, or change them")
    members.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")
    actions = members.add_subparsers(metavar="ACTION")

    put = add_parser(actions, "set", put_member, "add a user, or replace the roles of a member")
    put.add_argument("user", metavar="USER", help="the user's id (`sub` of their tokens)")
    add_roles(put, "given once for each role; the roles are a set, none contains another", required=True)
    gone = add_parser(actions, "remove", remove_member, "remove a member; what they did stays")
    gone.add_argument("user", metavar="USER")
    for action in (put, gone):
        action.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")


def show(command: Command) -> int:
    screen = command.screen
    members = command.client.members.list(command.organization)
    if screen.json:
        screen.document(members)
    screen.table(_COLUMNS, [_row(member) for member in members])
    return 0


def put_member(command: Command) -> int:
    typed, screen = command.arguments, command.screen
    member = command.client.members.put(typed.user, typed.roles, organization=command.organization)
    if screen.json:
        screen.document(member)
    screen.line(f"{member['userId']} is {', '.join(member['roles'])} in {member['organization']}.")
    return 0


def remove_member(command: Command) -> int:
    typed, screen = command.arguments, command.screen
    command.client.members.remove(typed.user, organization=command.organization)
    if screen.json:
        screen.document({"userId": typed.user, "organization": command.organization, "removed": True})
    screen.line(f"{typed.user} is no member of {command.organization} any more.")
    return 0


def _row(member: Member) -> tuple[Any, ...]:
    return member["userId"], ", ".join(member["roles"]), member["createdAt"]
