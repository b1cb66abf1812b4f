"""Compiles the Python files of a layer. Lambda cannot write bytecode into ``/opt``, so without this each cold start
would compile them.

    python -m cli.authoring.bytecode FOLDER

FOLDER is the content of ``/opt``. Bytecode works with only one version of Python: the one that template.yaml names. If
this machine does not have that version, the layer gets no bytecode, and a message says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    (folder,) = arguments
    print(compile_layer(Path(folder), runtime_version()), file=sys.stderr)
    return 0


def runtime_version() -> str:
    """The Python of the functions, such as ``3.13``."""
    match = re.search(
        r"^ +Runtime: python(3\.\d+)$", (ROOT / "template.yaml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert match is not None
    return match[1]


def compile_layer(folder: Path, version: str) -> str:
    """Compiles all files below ``folder``. Returns a message for people."""
    python = next(pythons(version), None)
    if python is None:
        return (
            f"baton: this layer has no bytecode, because this machine has no Python {version}. It works, "
            "and cold starts take about twice as long."
        )
    # ``unchecked-hash``: the archive changes the times of files, and checks by hash would read every source.
    how = ("-q", "-j", "0", "--invalidation-mode", "unchecked-hash")
    done = subprocess.run([python, "-m", "compileall", *how, str(folder)], capture_output=True, text=True, check=False)
    count = sum(1 for _ in folder.rglob("*.pyc"))
    failed = f" What could not be compiled: {done.stdout.strip()}" if done.returncode else ""
    return f"baton: {count} files of this layer were compiled by {python}.{failed}"


def pythons(version: str) -> Iterator[str]:
    """Interpreters of that version on this machine."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    installed = sorted(str(python) for python in pyenv.glob(f"{version}*/bin/python"))
    for candidate in (sys.executable, shutil.which(f"python{version}"), *installed):
        if candidate is not None and _version_of(candidate) == version:
            yield candidate


def _version_of(python: str) -> str | None:
    """The version of an interpreter; None if it does not run, such as pyenv's shim of a version that is not active."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
