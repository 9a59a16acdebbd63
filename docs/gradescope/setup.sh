#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the assignment: Python 3.11 or later, callbox, and a user of its
# own for the programs of students. Compilers of other languages than Python and C are yours to add (apt-get install default-jdk-headless …).
set -euo pipefail

cd "${AUTOGRADER:-/autograder}/source"

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

if [ "$(id -u)" = 0 ]; then
    id callbox >/dev/null 2>&1 || useradd --system --create-home callbox
    if ! find_python >/dev/null; then
        apt-get update
        for version in 3.13 3.12 3.11; do # the newest that this release has
            apt-get install -y "python$version" "python$version-venv" && break
        done
    fi
fi

python=$(find_python) || {
    echo "callbox needs Python 3.11 or later with venv: choose a newer base image" >&2
    exit 1
}
"$python" -m venv callbox/.venv
callbox/.venv/bin/pip install --quiet -c callbox/constraints.txt -e callbox
