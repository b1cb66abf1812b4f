"""``baton members``: the members of an organisation and their roles. For its admins."""

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
    add_roles(put, "repeat it for each role; no role includes another", required=True)
    remove = add_parser(actions, "remove", remove_member, "remove a member; the record keeps the member's actions")
    remove.add_argument("user", metavar="USER")
    for action in (put, remove):
        action.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")


def show(command: Command) -> int:
    screen = command.screen
    members = command.client.members.list(command.organization)
    if screen.json:
        screen.document(members)
    screen.table(_COLUMNS, [_row(member) for member in members])
    return 0


def put_member(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    member = command.client.members.put(arguments.user, arguments.roles, organization=command.organization)
    if screen.json:
        screen.document(member)
    screen.line(f"{member['userId']} is {', '.join(member['roles'])} in {member['organization']}.")
    return 0


def remove_member(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    command.client.members.remove(arguments.user, organization=command.organization)
    if screen.json:
        screen.document({"userId": arguments.user, "organization": command.organization, "removed": True})
    screen.line(f"{arguments.user} is no longer a member of {command.organization}.")
    return 0


def _row(member: Member) -> tuple[Any, ...]:
    return member["userId"], ", ".join(member["roles"]), member["createdAt"]
