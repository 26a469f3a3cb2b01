#!/bin/sh
# Find a Python that can run scripts/setup.py, and run it with the same arguments.
set -eu
cd "$(dirname "$0")/.."
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
for python in .venv/bin/python ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python3.14 python; do
    if "$python" -I -S -c "$new_enough" >/dev/null 2>&1; then
        exec "$python" -I scripts/setup.py "$@"
    fi
done
echo "setup: no Python 3.11 or newer found (looked for python3.13, python3.12, python3.11, python3)." >&2
echo "       Install one, or name one: make PYTHON=/path/to/python3.12 setup" >&2
exit 1
