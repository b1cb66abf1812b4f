#!/bin/sh
# npm.sh DIRECTORY FOLDER: installs into DIRECTORY exactly what FOLDER/package-lock.json pins, and runs no script of a
# package. What is missing is said in one line.
set -eu
directory=$1
folder=$2

fail() {
    echo "Baton: $1" >&2
    exit 1
}

for tool in node npm; do
    command -v "$tool" >/dev/null 2>&1 ||
        fail "this needs the npm packages of $folder, and $tool is not installed. Install Node.js 20 or later with npm."
done
version=$(node --version 2>/dev/null) || fail "this needs Node.js 20 or later, and node does not start."
major=${version#v}
[ "${major%%.*}" -ge 20 ] || fail "this needs Node.js 20 or later, and node is $version."

echo "Installing $folder into $directory"
mkdir -p "$directory"
cp "$folder/package.json" "$folder/package-lock.json" "$directory"
(cd "$directory" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    fail "could not install $folder; the lines above say why (is a package registry reachable?)."
