"""``baton bootstrap``: an organisation and its first admin, who can let everybody else in over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

from baton.model import Role
from baton_client import Unreachable
from cli.command import Command, Subparsers, add_parser
from cli.db import HOW_OWNER, owner_url
from cli.errors import CommandFailed

ADMINS = """
select m.user_id::text from public.organization_members m
where m.organization_id = %s and m.kind = 'person' and 'admin' = any (m.roles) order by m.created_at
"""
USER_BY_ID = "select id::text from auth.users where id = %s::uuid"
USER_BY_EMAIL = "select id::text from auth.users where lower(email) = lower(%s)"


@dataclass(frozen=True)
class FirstAdmin:
    """``created`` is False when they were admin already."""

    user_id: str
    created: bool


def add_parsers(subparsers: Subparsers) -> None:
    parser = add_parser(subparsers, "bootstrap", make_first_admin, "make an organisation and its first admin")
    parser.epilog = f"OWNER_URL (in the environment) is {HOW_OWNER}."
    parser.add_argument("--org", metavar="ORG", required=True, help="its short name, such as acme; made if need be")
    parser.add_argument("--name", metavar="NAME", help="its name for people, if it is made (default: ORG)")
    parser.add_argument("--admin", metavar="USER", required=True, help="the user's id or, with Supabase, email")


def make_first_admin(command: Command) -> int:
    """Doing it again changes nothing. Where somebody else is admin, nothing is done: they let people in."""
    typed, screen = command.arguments, command.screen
    url = owner_url(command)
    try:
        with psycopg.connect(url, prepare_threshold=None) as connection:
            done = _first_admin(connection, typed.org, typed.name or typed.org, typed.admin)
    except psycopg.errors.CheckViolation as error:
        raise CommandFailed(
            f"{typed.org!r} cannot be an organisation: it takes 1 to 60 small letters, digits and hyphens."
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise CommandFailed("The migrations come first: `supabase db push` makes the tables.") from error
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database of OWNER_URL does not answer: {str(error).strip()}") from error
    except psycopg.Error as error:
        raise CommandFailed(f"The database of OWNER_URL refused: {str(error).strip()}") from error
    if screen.json:
        screen.document({"organization": typed.org, "userId": done.user_id, "created": done.created})
    screen.line(f"{done.user_id} is {'now' if done.created else 'already'} an admin of {typed.org}.")
    if done.created:
        screen.line("They let others in with `baton members set USER --role ROLE`.")
    return 0


def _first_admin(connection: psycopg.Connection[Any], organization: str, name: str, admin: str) -> FirstAdmin:
    user_id = _user_id(connection, admin)
    connection.execute(
        "insert into public.organizations (slug, name) values (%s, %s) on conflict (slug) do nothing",
        (organization, name),
    )
    # Of two who do this at once, the second waits, and then finds an admin.
    [(organization_id,)] = connection.execute(
        "select id from public.organizations where slug = %s for update", (organization,)
    )
    admins = [found for (found,) in connection.execute(ADMINS, (organization_id,))]
    if user_id in admins:
        return FirstAdmin(user_id, created=False)
    if admins:
        raise CommandFailed(
            f"{organization} has an admin already, {admins[0]}: they let others in, with "
            f"`baton members set {user_id} --role …`."
        )
    connection.execute(
        """
        insert into public.organization_members (organization_id, user_id, roles) values (%s, %s, %s)
        on conflict (organization_id, user_id) do update set roles = excluded.roles
        """,
        (organization_id, user_id, [str(role) for role in Role]),
    )
    return FirstAdmin(user_id, created=True)


def _user_id(connection: psycopg.Connection[Any], admin: str) -> str:
    """The id of the user that was named; looked up where the database has Supabase's users."""
    [(has_users,)] = connection.execute("select to_regclass('auth.users') is not null")
    if not has_users:
        return _uuid(admin)
    asked = (USER_BY_EMAIL, admin) if "@" in admin else (USER_BY_ID, _uuid(admin))
    users = [user for (user,) in connection.execute(asked[0], (asked[1],))]
    if not users:
        raise CommandFailed(f"Supabase has no user {admin}: they sign up first.")
    if len(users) > 1:
        raise CommandFailed(f"Several users have the email {admin}; name one by id: {', '.join(users)}.")
    return str(users[0])


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise CommandFailed(f"--admin must be a user's id (a UUID), not {text!r}.") from error
