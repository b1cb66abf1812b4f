"""``python -m cli.authoring.generated [--check]``: generates the checked-in files that are made from others.

``make generate`` writes them; ``make check`` fails if one is out of date. Run it at the root of the checkout.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from baton.definition import DefinitionInvalid
from cli import closed_pipe
from cli.authoring import event_schemas, functions_migration
from cli.authoring.definitions import MachineFaulty, compile_all
from cli.authoring.functions_migration import SchemaFileInvalid
from cli.authoring.seed_migration import MigrationChanged, VersionTaken, write_migration

DEFINITIONS = Path("definitions")
STATEMACHINES = Path("statemachines")
SCHEMAS = Path("supabase/schemas")
MIGRATIONS = Path("supabase/migrations")
EVENTS = Path("docs/events")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m cli.authoring.generated", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    parser.add_argument(
        "--amend",
        action="store_true",
        help="replace the newest migration of functions, while no other database has it, instead of adding one",
    )
    options = parser.parse_args(arguments)
    check = options.check
    now = datetime.now(UTC)
    try:
        # A refusal must come before a file is written.
        write_migration(DEFINITIONS, MIGRATIONS, check=True, now=now)
        schemas = [str(EVENTS / name) for name in event_schemas.write_all(EVENTS, check)]
        changed = [str(STATEMACHINES / name) for name in compile_all(DEFINITIONS, STATEMACHINES, check)]
        migration = write_migration(DEFINITIONS, MIGRATIONS, check, now)
        functions = functions_migration.write_migration(SCHEMAS, MIGRATIONS, check, now, amend=options.amend)
    except (DefinitionInvalid, MachineFaulty, MigrationChanged, SchemaFileInvalid, VersionTaken) as error:
        print(error, file=sys.stderr)
        return 1
    if migration is not None:
        changed.append(str(MIGRATIONS / migration))
    function_files = [] if functions is None else [str(MIGRATIONS / functions)]
    for paths, source in (
        (changed, f"{DEFINITIONS}/"),
        (schemas, "the models in cli/authoring/events"),
        (function_files, f"{SCHEMAS}/"),
    ):
        for path in paths:
            action = f"wrote {path}" if Path(path).exists() else f"removed {path}"
            print(f"{path} does not match {source}: run `make generate`" if check else action)
    return 1 if check and (changed or schemas or function_files) else 0


if __name__ == "__main__":
    raise SystemExit(closed_pipe.run_program(main))
