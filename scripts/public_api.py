"""The public surface of agentsql, as text: what people may build on, with its signatures.

    python scripts/public_api.py          # say how it differs from public_api.txt
    python scripts/public_api.py --record # write public_api.txt

It is read from the source without importing it, so that it is the same on every version of Python.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "public_api.txt"

ALL = ("*",)
"""Stands for the names in a module's `__all__`, or for all without a leading `_` where it has none."""
PUBLIC: Mapping[str, tuple[str, ...]] = {
    "agentsql": ALL,
    "agentsql.db.connect": ("Opener", "open_database"),
    "agentsql.db.database": ALL,
    "agentsql.db.guard": ALL,
    "agentsql.db.introspect": ("fingerprint",),
    "agentsql.db.schema": ALL,
    "agentsql.db.sqlite": ("SQLiteDatabase", "open_sqlite"),
    "agentsql.errors": ALL,
    "agentsql.evaluation.benchmarks": ("open_benchmark",),
    "agentsql.evaluation.benchmarks.judges": ("judge_bird", "judge_by", "judge_defog", "judge_spider"),
    "agentsql.evaluation.benchmarks.rows": ("Row", "first_row", "has", "read_rows", "with_unique_ids"),
    "agentsql.evaluation.questions": ("Benchmark", "BenchmarkReader", "Question", "Verdict"),
    "agentsql.graph": ALL,
    "agentsql.models.endpoint": ("Endpoint",),
    "agentsql.models.progress": ("ReportProgress",),
    "agentsql.models.spec": ("Opener", "open_endpoint"),
    "agentsql.plugins": ALL,
    "agentsql.prompts": ("Prompt", "build_prompt"),
    "agentsql.pytest_plugin": ALL,
    "agentsql.resources": ("Resources",),
    "agentsql.settings": (
        "AgentSettings", "BudgetSettings", "DatabaseSettings", "ExamplesSettings", "ModelSettings", "ObserveSettings",
        "SchemaSettings", "Settings", "ValueSettings", "load_settings",
    ),
    "agentsql.state": ("State",),
    "agentsql.steps.step": ("Option", "Router", "Step", "router", "step"),
    "agentsql.testing": ALL,
    "agentsql.types": ALL,
}  # fmt: skip
"""Module -> its public names."""

_DUNDERS = ("__init__", "__call__", "__enter__", "__exit__", "__iter__", "__add__")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write the file instead of comparing with it")
    arguments = parser.parse_args()
    if arguments.record:
        RECORD.write_text(surface(ROOT), encoding="utf-8")
        return 0
    found = difference(RECORD.read_text(encoding="utf-8"), surface(ROOT))
    print(found, end="")
    return int(bool(found))


def difference(recorded: str, current: str) -> str:
    """Give the lines by which the surface differs from the recorded one, as a unified diff; empty if it does not."""
    lines = difflib.unified_diff(recorded.splitlines(), current.splitlines(), "recorded", "now", lineterm="", n=1)
    return "".join(f"{line}\n" for line in lines)


def surface(root: Path) -> str:
    """Give the whole surface: module by module, then what each entry point of the package promises."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = _Source(root)
    version = ".".join(project["version"].split(".")[:2])
    lines = [f"# What may be built on in agentsql {version}; see CONTRIBUTING.md. Recorded by `make api`."]
    for module, names in PUBLIC.items():
        lines += ["", f"[{module}]"]
        for name in source.public_names(module) if names == ALL else names:
            lines += source.described(module, name)
    for group, entries in project["entry-points"].items():
        if group.startswith("agentsql."):
            lines += ["", f"[entry points: {group}]"]
            for name, value in sorted(entries.items()):
                lines += _entry(source, group, name, value)
    return "\n".join(lines) + "\n"


def _entry(source: _Source, group: str, name: str, value: str) -> list[str]:
    """Give an entry point's name; of a step or router with its keys and options, which graphs in TOML rely on."""
    module, _, attribute = value.partition(":")
    if group in ("agentsql.steps", "agentsql.routers"):
        return [f"{name}:", *(f"    {line}" for line in source.described(module, attribute, decorated=True))]
    return [name]


class _Source:
    """The package's modules as syntax trees."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._trees: dict[str, ast.Module] = {}

    def public_names(self, module: str) -> list[str]:
        """Give the names that the module promises, sorted."""
        tree = self._tree(module)
        for node in tree.body:
            if isinstance(node, ast.Assign) and _target(node) == "__all__":
                return sorted(ast.literal_eval(node.value))
        names = {
            name for node in tree.body if not isinstance(node, ast.ImportFrom | ast.Import) for name in _names(node)
        }
        return sorted(name for name in names if not name.startswith("_") and name != "logger")

    def described(self, module: str, name: str, *, decorated: bool = False) -> list[str]:
        """Give the lines on one name, from the module that defines it."""
        node = self._defined(module, name)
        if isinstance(node, ast.ClassDef):
            return list(_class_lines(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = [f"@{ast.unparse(one)}" for one in node.decorator_list] if decorated else []
            return [*decorators, _signature(node)]
        return [ast.unparse(node)]

    def _defined(self, module: str, name: str) -> ast.stmt:
        """Give what defines a name: there, or where the module has it from."""
        tree = self._tree(module)
        for node in ast.walk(tree):  # imports under TYPE_CHECKING and in __getattr__ are its promises too
            if isinstance(node, ast.ImportFrom) and any(name in (one.asname, one.name) for one in node.names):
                return self._defined(str(node.module), name)
        for statement in tree.body:
            if name in _names(statement):
                return statement
        raise SystemExit(f"{module} has no {name}, which scripts/public_api.py says is public")

    def _tree(self, module: str) -> ast.Module:
        if module not in self._trees:
            path = self._root.joinpath(*module.split("."))
            file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            self._trees[module] = ast.parse(file.read_text(encoding="utf-8"))
        return self._trees[module]


def _names(node: ast.stmt) -> list[str]:
    """Give the names that a statement of a module defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    return [name] if (name := _target(node)) else []


def _target(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ""


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{kind} {node.name}({ast.unparse(node.args)}){gives}"


def _class_lines(node: ast.ClassDef) -> Iterator[str]:
    """Give the head of a class, its fields with their defaults, and its public methods."""
    bases = ", ".join(ast.unparse(one) for one in (*node.bases, *node.keywords))
    yield f"class {node.name}({bases})" if bases else f"class {node.name}"
    for part in node.body:
        name = next(iter(_names(part)), "")
        if not name or (name.startswith("_") and name not in _DUNDERS):
            continue
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in part.decorator_list:
                yield f"    @{ast.unparse(decorator)}"
            yield f"    {_signature(part)}"
        else:
            yield f"    {ast.unparse(part)}"


if __name__ == "__main__":
    sys.exit(main())
