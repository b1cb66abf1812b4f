"""``baton save``: writes a run's deliverables into files, so that a page finds its charts."""

from __future__ import annotations

from pathlib import Path

from baton_client import Client
from baton_client.deliverables import DeliverableLine
from baton_client.runs import Run
from cli.command import Command, Subparsers, add_parser

EXTENSIONS = {"markdown": "md", "json": "json", "csv": "csv", "svg": "svg"}


def add_parsers(subparsers: Subparsers) -> None:
    save = add_parser(subparsers, "save", save_run, "write a run's deliverables into files")
    save.add_argument("run_id", metavar="RUN")
    save.add_argument("folder", metavar="FOLDER", type=Path, help="gets a folder for each attempt with deliverables")


def save_run(command: Command) -> int:
    saved = save_deliverables(
        command.client, command.client.runs.get(command.arguments.run_id), command.arguments.folder
    )
    if command.screen.json:
        command.screen.document([{"id": line["id"], "file": str(file)} for line, file in saved])
    else:
        for _, file in saved:
            command.screen.raw(f"{file}\n")
    return 0


def save_deliverables(client: Client, run: Run, folder: Path) -> list[tuple[DeliverableLine, Path]]:
    """Writes every deliverable of a run into ``folder/STEP-ATTEMPT/NAME``, in the order of the run. A file that is
    there is replaced. The main document of an answer needs no name; without one, it has its step's."""
    saved = []
    for line in _all_deliverables(client, run):
        file = folder / f"{line['stepId']}-{line['attemptNumber']}" / _name(line)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(client.deliverables.content(line["id"]), encoding="utf-8")
        saved.append((line, file))
    return saved


def _all_deliverables(client: Client, run: Run) -> list[DeliverableLine]:
    """Those that the answer about the run has or, if it leaves some out, those of all pages."""
    if not any(entry["pointer"] == "/deliverables" for entry in run["omitted"]):
        return run["deliverables"]
    lines: list[DeliverableLine] = []
    after: int | None = 0
    while after is not None:
        page = client.run_parts.deliverables(run["id"], after=after)
        lines += page["deliverables"]
        after = page["nextAfter"]
    return lines


def _name(line: DeliverableLine) -> str:
    name = line["name"] or f"{line['stepId']}.{EXTENSIONS.get((line['format'] or '').lower(), 'txt')}"
    return Path(name).name
