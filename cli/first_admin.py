"""``baton first-admin``: makes an organisation and its first admin. The admin can add other members over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

from baton.model import Role
from baton_client import Unreachable
from cli.command import Command, Subparsers, add_parser
from cli.db import OWNER_URL_HELP, owner_url
from cli.errors import CommandFailed

ADMINS = """
select m.user_id::text from public.organization_members m
where m.organization_id = %s and m.kind = 'person' and 'admin' = any (m.roles) order by m.created_at
"""
USER_BY_ID = "select id::text from auth.users where id = %s::uuid"
USER_BY_EMAIL = "select id::text from auth.users where lower(email) = lower(%s)"


@dataclass(frozen=True)
class FirstAdminResult:
    """``created`` is False if the user was an admin already."""

    user_id: str
    created: bool


def add_parsers(subparsers: Subparsers) -> None:
    parser = add_parser(subparsers, "first-admin", make_first_admin, "make an organisation and its first admin")
    parser.epilog = f"OWNER_URL (in the environment) is {OWNER_URL_HELP}."
    parser.add_argument("--org", metavar="ORG", required=True, help="its short name, such as acme; created if needed")
    parser.add_argument("--name", metavar="NAME", help="its display name, if it is created (default: ORG)")
    parser.add_argument("--admin", metavar="USER", required=True, help="the user's id or, with Supabase, email")


def make_first_admin(command: Command) -> int:
    """Repeating the command changes nothing. It refuses if another user is admin: that admin adds members."""
    arguments, screen = command.arguments, command.screen
    url = owner_url(command)
    try:
        with psycopg.connect(url, prepare_threshold=None) as connection:
            result = _first_admin(connection, arguments.org, arguments.name or arguments.org, arguments.admin)
    except psycopg.errors.CheckViolation as error:
        raise CommandFailed(
            f"{arguments.org!r} cannot be an organisation: it takes 1 to 60 small letters, digits and hyphens."
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise CommandFailed("Run the migrations first: `supabase db push` creates the tables.") from error
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database of OWNER_URL does not answer: {str(error).strip()}") from error
    except psycopg.Error as error:
        raise CommandFailed(f"The database of OWNER_URL refused: {str(error).strip()}") from error
    if screen.json:
        screen.document({"organization": arguments.org, "userId": result.user_id, "created": result.created})
    screen.line(f"{result.user_id} is {'now' if result.created else 'already'} an admin of {arguments.org}.")
    if result.created:
        screen.line("They add other members with `baton members set USER --role ROLE`.")
    return 0


def _first_admin(connection: psycopg.Connection[Any], organization: str, name: str, admin: str) -> FirstAdminResult:
    user_id = _user_id(connection, admin)
    connection.execute(
        "insert into public.organizations (slug, name) values (%s, %s) on conflict (slug) do nothing",
        (organization, name),
    )
    # Of two commands at the same time, the second waits here and then finds an admin.
    [(organization_id,)] = connection.execute(
        "select id from public.organizations where slug = %s for update", (organization,)
    )
    admins = [admin_id for (admin_id,) in connection.execute(ADMINS, (organization_id,))]
    if user_id in admins:
        return FirstAdminResult(user_id, created=False)
    if admins:
        raise CommandFailed(
            f"{organization} has an admin already, {admins[0]}: that admin adds others, with "
            f"`baton members set {user_id} --role …`."
        )
    connection.execute(
        """
        insert into public.organization_members (organization_id, user_id, roles) values (%s, %s, %s)
        on conflict (organization_id, user_id) do update set roles = excluded.roles
        """,
        (organization_id, user_id, [str(role) for role in Role]),
    )
    return FirstAdminResult(user_id, created=True)


def _user_id(connection: psycopg.Connection[Any], admin: str) -> str:
    """The id of the user with this id or email. A database without Supabase's users takes any UUID."""
    [(has_users,)] = connection.execute("select to_regclass('auth.users') is not null")
    if not has_users:
        return _uuid(admin)
    statement, value = (USER_BY_EMAIL, admin) if "@" in admin else (USER_BY_ID, _uuid(admin))
    users = [user for (user,) in connection.execute(statement, (value,))]
    if not users:
        raise CommandFailed(f"Supabase has no user {admin}: the person must sign up first.")
    if len(users) > 1:
        raise CommandFailed(f"Several users have the email {admin}; name one by id: {', '.join(users)}.")
    return str(users[0])


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise CommandFailed(f"--admin must be a user's id (a UUID), not {text!r}.") from error
