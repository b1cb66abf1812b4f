#!/bin/sh
# venv.sh DIRECTORY FILE: makes the virtual environment DIRECTORY (or brings it up to date) with exactly what FILE pins,
# as wheels. Looks for a Python that Baton runs on; PYTHON names one instead. What is missing is said in one line.
set -eu
directory=$1
file=$2

fail() {
    echo "Baton: $1" >&2
    exit 1
}

# Prints nothing when $1 is a Python that will do, else what is wrong with it.
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

# An environment whose Python has gone (upgraded, or moved away) or will not do is made anew.
if [ -n "$(fault "$directory/bin/python")" ] || ! "$directory/bin/python" -m pip --version >/dev/null 2>&1; then
    find_python
    echo "Setting up $directory with $($python --version) (once)"
    noise=$("$python" -m venv --clear "$directory" 2>&1) || fail "$python -m venv failed: $noise" # none at Ctrl-C
fi

# --no-deps: the file lists every dependency already.
echo "Installing $file into $directory"
PIP_USER=0 "$directory/bin/python" -m pip --disable-pip-version-check install --quiet --no-input \
    --no-deps --require-hashes --only-binary :all: --requirement "$file" ||
    fail "could not install $file; the lines above say why (is a package registry reachable?)."
