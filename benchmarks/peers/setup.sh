#!/bin/sh
# Makes the environments of the peers, each pinned by requirements/NAME.txt, in build/peers: all of them, or those named.
#
#     benchmarks/peers/setup.sh [NAME ...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$here/../../build/peers
[ $# -gt 0 ] || set -- langchain llamaindex vanna vanna2 premsql
for name in "$@"; do
    if [ ! -f "$here/requirements/$name.txt" ]; then
        echo "there is no requirements/$name.txt" >&2
        exit 2
    fi
    rm -rf "${made:?}/$name"
    "${PYTHON:-python3.11}" -m venv "$made/$name"
    "$made/$name/bin/python" -m pip install --quiet --no-deps --requirement "$here/requirements/$name.txt"
    echo "$name is in build/peers/$name"
done
