#!/bin/sh
# Write constraints.txt: one version of every package that the project, its tools and its plugins can need,
# for every platform and Python. Without arguments known pins stay; --upgrade takes the newest versions.
set -eu
cd "$(dirname "$0")/.."
pins=build/pin
mkdir -p build
[ -x $pins/bin/uv ] || { .venv/bin/python -m venv $pins && $pins/bin/python -m pip install --quiet uv; }
# What the plugins need beside agentsql itself, which is no package of the index.
.venv/bin/python - > build/pin-plugins.txt <<'END'
import pathlib, tomllib
for path in sorted(pathlib.Path("plugins").glob("*/pyproject.toml")):
    needed = tomllib.loads(path.read_text())["project"]["dependencies"]
    print(*(one for one in needed if not one.startswith("agentsql-framework")), sep="\n")
END
$pins/bin/uv pip compile pyproject.toml scripts/tools.txt build/pin-plugins.txt --extra duckdb --extra export --extra mysql --extra notebook --extra otel --extra postgres --extra ray --extra report --extra retrieval --extra serve --extra train --extra merge --group dev --group docs --universal \
    --python-version 3.11 --no-annotate --no-header --quiet "$@" --output-file constraints.txt
# Not resolved here: any other version of torch pulls several GB of GPU libraries onto machines without one.
sed -i.old -e '/^torch==/d' -e '/^triton==/d' -e '/^cuda-/d' -e '/^nvidia-/d' constraints.txt && rm constraints.txt.old
echo 'torch==2.13.0' >> constraints.txt
