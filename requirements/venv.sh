#!/bin/sh
# venv.sh DIRECTORY FILE WHAT: installs the packages that FILE pins, as wheels, into the virtual environment DIRECTORY, and
# makes the environment if necessary. WHAT describes the packages and the time that this takes, for the person at the
# terminal. The script looks for a Python that Baton runs on; PYTHON names one instead. An error is one line.
set -eu
directory=$1
file=$2
what=$3
installed=$directory/${file##*/} # a copy of FILE as it was installed

fail() {
    echo "Baton: $1" >&2
    exit 1
}

# Prints the fault of the Python $1; nothing if Baton runs on it.
fault() {
    command -v "$1" >/dev/null 2>&1 || { echo "$1 is not installed"; return; }
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || { echo "$1 does not start"; return; }
    case $version in
        3.11 | 3.12 | 3.13) ;;
        *) echo "$1 is Python $version"; return ;;
    esac
    "$1" -c 'import venv, ensurepip' 2>/dev/null || echo "$1 has no venv and ensurepip (on Debian and Ubuntu: apt install python$version-venv)"
}

find_python() {
    faults=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        fault=$(fault "$candidate")
        if [ -z "$fault" ]; then
            python=$candidate
            return
        fi
        case $fault in *"is not installed" | *"does not start") [ -z "${PYTHON:-}" ] && [ "$candidate" != python3 ] && continue ;; esac
        faults="${faults:+$faults; }$fault"
    done
    fail "needs Python 3.11, 3.12 or 3.13 with venv, but $faults. Install one, or name it: make PYTHON=/path/to/python3.12 …"
}

# Holds the lock of this file until this script and its child processes have ended. Some file systems have no locks; there
# the script goes on without.
lock() {
    exec 9<>"$0"
    "$1" -c '
import fcntl, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Waiting for another make, which sets up an environment", flush=True)
    fcntl.flock(9, fcntl.LOCK_EX)
except OSError:
    pass'
}

# The Python with which an environment was made.
origin() { "$1" -c 'import sys; print(sys.base_prefix, sys.version)'; }

# The environment is made again if its Python is gone (upgraded or moved), has a fault, or is not the one that PYTHON names;
# and if a package is incomplete: pip counts a package with metadata as installed, and writes INSTALLER last.
is_whole() {
    [ -z "$(fault "$directory/bin/python")" ] && "$directory/bin/python" -m pip --version >/dev/null 2>&1 || return 1
    [ -z "${PYTHON:-}" ] || [ "$(origin "$directory/bin/python")" = "$(origin "$python")" ] || return 1
    for package in "$directory"/lib/python*/site-packages/*.dist-info; do
        [ -e "$package/INSTALLER" ] || return 1
    done
}

python=$directory/bin/python
[ -z "${PYTHON:-}" ] && [ -z "$(fault "$python")" ] || find_python
lock "$python"

if ! is_whole; then
    find_python
    echo "Setting up $directory with $("$python" --version): $what"
    noise=$("$python" -m venv --clear "$directory" 2>&1) || fail "$python -m venv failed: $noise" # none at Ctrl-C
elif cmp -s "$file" "$installed"; then
    exit
else
    echo "Installing into $directory: $what"
fi

# The output of pip is shown only if pip fails. --no-deps: the file lists every dependency. --no-compile: Python itself keeps
# the bytecode of imported modules; that of all others would take a fifth of the space and a third of the time.
rm -f "$installed"
noise=$(PIP_USER=0 "$directory/bin/python" -m pip --disable-pip-version-check install --quiet --no-input --no-compile \
    --no-deps --require-hashes --only-binary :all: --requirement "$file" 2>&1) || {
    echo "$noise" | tail -n 20 >&2
    fail "could not install $file; the lines above say why (is a package registry reachable?)."
}
cp "$file" "$installed"
