"""``baton organizations``: the settings of an organisation. Its members read them, and its admins change them."""

from __future__ import annotations

from baton_client.organizations import Organization
from cli.command import Command, Subparsers, add_parser


def add_parsers(subparsers: Subparsers) -> None:
    noun = add_parser(subparsers, "organizations", show, "show the settings of an organisation, or change them")
    noun.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")
    actions = noun.add_subparsers(metavar="ACTION")

    zone = add_parser(actions, "set-time-zone", put_time_zone, "set the time zone, which decides the day of `today`")
    zone.add_argument("time_zone", metavar="ZONE", help="an IANA name, such as Europe/Berlin")
    zone.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")
    allow = add_parser(
        actions, "allow-launch", allow_launches, "let executions of the state machine STACK-launch launch runs"
    )
    forbid = add_parser(actions, "forbid-launch", forbid_launches, "refuse the next launches of STACK-launch")
    for action in (allow, forbid):
        action.add_argument("org", metavar="ORG", nargs="?", help="the organisation (default: BATON_ORG)")


def show(command: Command) -> int:
    return _show(command, command.client.organizations.get(command.organization))


def put_time_zone(command: Command) -> int:
    time_zone = command.arguments.time_zone
    return _show(command, command.client.organizations.put_time_zone(time_zone, organization=command.organization))


def allow_launches(command: Command) -> int:
    allowed = command.client.organizations.allow_launches(organization=command.organization)
    if not command.screen.json:
        command.screen.to_stderr("The stack's parameter LaunchOrganizations must name the organisation, too.")
    return _show(command, allowed)


def forbid_launches(command: Command) -> int:
    return _show(command, command.client.organizations.forbid_launches(organization=command.organization))


def _show(command: Command, organization: Organization) -> int:
    screen, launcher = command.screen, organization["launcher"]
    if screen.json:
        screen.document(organization)
    screen.line(f"{organization['organization']}: {organization['name']}")
    screen.line(f"Time zone: {organization['timeZone']}")
    launches = "not allowed" if launcher is None else f"allowed, as {launcher['userId']}"
    screen.line(f"Launches by STACK-launch: {launches}")
    return 0
