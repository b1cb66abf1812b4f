"""Applies ``supabase/migrations`` and ``supabase/seed.sql``, and keeps the books that ``supabase db push`` keeps.

Needs a direct connection (a session lock), never a transaction pooler.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import psycopg

NAME = re.compile(r"(?P<version>[0-9]{14})_(?P<name>[a-z0-9_]+)\.sql")
SEED = "supabase/seed.sql"  # the path under which the Supabase CLI records it
BOOKS = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key, statements text[], name text
);
create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null);
"""


class MigrationRefused(RuntimeError):
    """The folder and the database do not fit together; the message says which file and why."""


@dataclass(frozen=True)
class Migration:
    version: str
    name: str
    sql: str

    @property
    def file(self) -> str:
        return f"{self.version}_{self.name}.sql"


def read_migrations(folder: Path) -> list[Migration]:
    """All migrations of a folder in order. Raises MigrationRefused for a file name that has another form."""
    migrations = []
    for file in sorted(folder.glob("*.sql")):
        match = NAME.fullmatch(file.name)
        if match is None:
            raise MigrationRefused(
                f"{file}: a migration is called <14 digits>_<name>.sql, with small letters, digits and underscores"
            )
        migrations.append(Migration(match["version"], match["name"], file.read_text()))
    for earlier, later in itertools.pairwise(migrations):
        if earlier.version == later.version:
            raise MigrationRefused(f"{later.file}: {earlier.file} has the same version")
    return migrations


def migrate(url: str, supabase: Path, *, seed: bool = False) -> list[str]:
    """Apply what the database at ``url`` lacks of ``supabase/migrations``; answers the names of the files applied.

    Each file is one transaction together with its record. With ``seed``, ``supabase/seed.sql`` is applied too unless it
    is recorded already. Raises MigrationRefused, or psycopg's error of a statement that failed.
    """
    migrations = read_migrations(supabase / "migrations")
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("select pg_advisory_lock(hashtext('supabase_migrations'))")
        connection.execute(BOOKS)
        pending = _pending(connection, migrations)
        for migration in pending:
            _apply(connection, migration)
        if seed and (supabase / "seed.sql").exists():
            _seed(connection, (supabase / "seed.sql").read_text())
    return [migration.file for migration in pending]


def _pending(connection: psycopg.Connection, migrations: list[Migration]) -> list[Migration]:
    rows = connection.execute("select version, statements from supabase_migrations.schema_migrations").fetchall()
    applied: dict[str, list[str] | None] = {str(version): statements for version, statements in rows}
    unknown = applied.keys() - {migration.version for migration in migrations}
    if unknown:
        raise MigrationRefused(
            f"the database has migrations that this checkout lacks: {', '.join(sorted(unknown))}; "
            "use the checkout that made them, or a new database"
        )
    changed = [one.file for one in migrations if _differs(one, applied.get(one.version))]
    if changed:
        raise MigrationRefused(
            f"{', '.join(changed)}: changed since this database was made with it; "
            "use the checkout that made it, or a new database"
        )
    pending = [migration for migration in migrations if migration.version not in applied]
    if pending and applied and pending[0].version < max(applied):
        raise MigrationRefused(
            f"{pending[0].file} is older than {max(applied)}, which the database has already; give it a newer version"
        )
    return pending


def _differs(migration: Migration, statements: list[str] | None) -> bool:
    """Whether the record of an applied migration has another text. What the Supabase CLI split up is not compared."""
    return (
        statements is not None and len(statements) == 1 and statements[0].strip(" \n;") != migration.sql.strip(" \n;")
    )


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.sql.encode())  # no parameters: many statements in one go
        connection.execute("reset all")  # a file that sets its search_path must not change the next one's
        connection.execute(
            "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)",
            (migration.version, migration.name, [migration.sql]),
        )


def _seed(connection: psycopg.Connection, text: str) -> None:
    with connection.transaction():
        recorded = connection.execute(
            "insert into supabase_migrations.seed_files (path, hash) values (%s, %s) "
            "on conflict do nothing returning path",
            (SEED, hashlib.sha256(text.encode()).hexdigest()),
        ).fetchone()
        if recorded:
            connection.execute(text.encode())
            connection.execute("reset all")
