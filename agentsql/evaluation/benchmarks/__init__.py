"""Reads the question files of benchmarks: one module a layout, found as plugins of the group `agentsql.benchmarks`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agentsql.errors import PluginError, UsageError
from agentsql.evaluation.benchmarks.judges import is_url
from agentsql.evaluation.benchmarks.rows import first_row
from agentsql.evaluation.questions import Benchmark, BenchmarkReader
from agentsql.evaluation.servers import without_password
from agentsql.plugins import load_plugin, plugin_names

__all__ = ["kept_place", "open_benchmark"]

logger = logging.getLogger(__name__)

_GROUP = "agentsql.benchmarks"
_SHOWN_KEYS = 12


def open_benchmark(path: str | Path, databases: str | Path | None = None, name: str = "") -> Benchmark:
    """Read a benchmark.

    Args:
        path: its questions file, or a folder that holds one under a name that its layout uses.
        databases: the folder of databases, where it does not lie where the layout has it; or a URL, with `*` for
            their names, of a server that has them.
        name: of the reader; without one, the readers are asked which of them knows the file.

    Raises:
        UsageError: no such file, none or several of the readers know it, or it is not as its layout says.
        PluginError: there is no reader of that name, or it is broken.
    """
    path = Path(path).expanduser().absolute()
    url = str(databases) if databases is not None and is_url(str(databases)) else ""
    folder = Path(databases).expanduser().absolute() if databases is not None and not url else None
    readers = {name: _reader(name)} if name else _readers()
    files = _questions_files(path, readers, "server_files" if url else "usual_files")
    for file in files:
        if name:
            return _read(readers[name], file, folder, url)
        first = first_row(file)
        knowing = [one for one, reader in readers.items() if _recognises(one, reader, file, first)]
        if len(knowing) == 1:
            logger.info("%s is read as %s", file, knowing[0])
            return _read(readers[knowing[0]], file, folder, url)
    raise _unrecognised(files[0], first, knowing, readers)


def kept_place(databases: str) -> str:
    """Give the place of a benchmark's databases as a run keeps it: an absolute path, or a URL without its password."""
    if is_url(databases):
        return without_password(databases)
    return str(Path(databases).resolve()) if databases else ""


def _reader(name: str) -> BenchmarkReader:
    reader: BenchmarkReader = load_plugin(_GROUP, name)
    return reader


def _readers() -> dict[str, BenchmarkReader]:
    """Load the readers; one that is broken is of no use here, and must not stop the others."""
    readers = {}
    for name in plugin_names(_GROUP):
        try:
            readers[name] = _reader(name)
        except PluginError as problem:
            logger.warning("%s", problem)
    return readers


def _questions_files(path: Path, readers: Mapping[str, BenchmarkReader], names_of: str) -> list[Path]:
    """Give the file, or the files of a folder under the readers' usual names, most usual first."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"there is no questions file {str(path)!r}; give a benchmark's file or its folder")
    ranked = {usual: rank for reader in readers.values() for rank, usual in enumerate(getattr(reader, names_of, ()))}
    names = sorted(ranked, key=lambda usual: (ranked[usual], usual))
    found = [file for usual in names if (file := path / usual).is_file()]
    if not found:
        raise UsageError(
            f"{str(path)!r} holds none of {', '.join(names) or 'the usual files'}; give the questions file"
        )
    return found


def _recognises(name: str, reader: BenchmarkReader, path: Path, first: Mapping[str, Any]) -> bool:
    try:
        return reader.recognises(path, first)
    # A reader may be foreign code, and raise anything.
    except Exception as exc:
        raise PluginError(f"the benchmark {name!r} broke on {path}: {type(exc).__name__}: {exc}; update it") from exc


def _read(reader: BenchmarkReader, path: Path, databases: Path | None, url: str) -> Benchmark:
    """Read the questions; single databases may be missing, which their verdicts then say, but not all of them."""
    if url:
        on_server: Callable[[Path, str], Benchmark] | None = getattr(reader, "read_on_server", None)
        if on_server is None:
            raise UsageError(f"the databases of {path} cannot be on a server; name the folder that holds them")
        return on_server(path, url)
    benchmark = reader.read(path, databases)
    named = list(dict.fromkeys(one.database for one in benchmark.questions))
    if not any(not one or is_url(one) or Path(one).is_file() for one in named):
        raise UsageError(
            f"none of the databases of {path} is there; the first was looked for at {named[0]}; "
            "name the folder that holds them"
        )
    return benchmark


def _unrecognised(path: Path, first: Mapping[str, Any], knowing: list[str], known: Mapping[str, Any]) -> UsageError:
    keys = ", ".join(list(first)[:_SHOWN_KEYS])
    if knowing:
        return UsageError(f"{path} (first row: {keys}) may be of {' or '.join(knowing)}; say which by its name")
    return UsageError(
        f"{path} is of no known benchmark: its first row has {keys}; known are {', '.join(known)}; "
        "name one of them, or rename the keys to `question`, `database` and `sql` for jsonl"
    )
