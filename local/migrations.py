"""Applies ``supabase/migrations`` and ``supabase/seed.sql``, and records them in the tables of ``supabase db push``.

It needs a direct connection and no transaction pooler, because it takes a session lock.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import psycopg

NAME = re.compile(r"(?P<version>[0-9]{14})_(?P<name>[a-z0-9_]+)\.sql")
SEED = "supabase/seed.sql"  # the path in the Supabase CLI's record
RECORD_TABLES = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key, statements text[], name text
);
create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null);
"""


class MigrationRefused(RuntimeError):
    """The folder's migrations do not fit to the database's. The message names the file and the reason."""


@dataclass(frozen=True)
class Migration:
    version: str
    name: str
    sql: str

    @property
    def file(self) -> str:
        return f"{self.version}_{self.name}.sql"


def read_migrations(folder: Path) -> list[Migration]:
    """All migrations of a folder, in order. Raises MigrationRefused for a file name of another form."""
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
    """Apply the files of ``supabase/migrations`` that the database at ``url`` lacks; returns their names.

    Each file and its record are one transaction. With ``seed``, ``supabase/seed.sql`` is applied, too, unless it is
    recorded already. Raises MigrationRefused, or psycopg's error of a failed statement.
    """
    migrations = read_migrations(supabase / "migrations")
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("select pg_advisory_lock(hashtext('supabase_migrations'))")
        connection.execute(RECORD_TABLES)
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
            f"{', '.join(changed)}: changed since it was applied to this database; "
            "use the checkout that made it, or a new database"
        )
    pending = [migration for migration in migrations if migration.version not in applied]
    if pending and applied and pending[0].version < max(applied):
        raise MigrationRefused(
            f"{pending[0].file} is older than {max(applied)}, which the database has already; give it a newer version"
        )
    return pending


def _differs(migration: Migration, statements: list[str] | None) -> bool:
    """Whether the recorded text is another. Records of the Supabase CLI have several statements: not compared."""
    return (
        statements is not None and len(statements) == 1 and statements[0].strip(" \n;") != migration.sql.strip(" \n;")
    )


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.sql.encode())  # without parameters, many statements are possible
        connection.execute("reset all")  # a file's `set search_path` must not change the next file
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
