"""Set up a checkout: a virtual environment with pinned packages, the sample database, model files.

Standard library only, because it runs before anything is installed. Each part leaves a stamp when it
is done and is skipped while its stamp holds, so an interrupted set-up goes on where it stopped and a
finished one costs a few file reads.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "constraints.txt"
SAMPLE = ROOT / "examples" / "bookshop.sqlite"
PACKAGES_STAMP = VENV / "agentsql-packages.stamp"
MODELS_STAMP = VENV / "agentsql-models.json"
OLDEST = (3, 11)
MODEL_PLACES = ("AGENTSQL_MODELS_DIRECTORY", "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
"""Environment variables that decide where model files lie."""


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=[], metavar="NAME", help="embedded models to have on disk")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    try:
        if not _is_complete(arguments.models):
            with _one_at_a_time():
                _set_up(arguments.models)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; run it again and it goes on from here", file=sys.stderr)
        return 130
    return 0


def _is_complete(models: Sequence[str]) -> bool:
    return _packages_are_installed() and _sample_is_there() and not _missing_models(models)


def _set_up(models: Sequence[str]) -> None:
    started = time.monotonic()
    if not _packages_are_installed():
        _make_environment()
        _install_packages()
    if not _sample_is_there():
        _say("sample database")
        _run([PYTHON, "examples/bookshop.py"], "the sample database cannot be made")
    if missing := _missing_models(models):
        _pull_models(missing)
    _say(f"ready after {time.monotonic() - started:.0f} s")


def _make_environment() -> None:
    """Make `.venv`, or keep the one that is there if it works."""
    if not _environment_works():
        _say(f"environment: Python {sys.version.split()[0]} in .venv")
        base = Path(getattr(sys, "_base_executable", "") or sys.executable)
        if VENV.exists():
            shutil.rmtree(VENV)
        if not _succeeds([base, "-m", "venv", VENV]):
            # Debian ships Python without ensurepip; a pip outside can still fill an environment.
            if not _succeeds([base, "-m", "venv", "--clear", "--without-pip", VENV]):
                raise SetupError(f"{base} cannot make a virtual environment; install its venv module (python3-venv)")
            if not _succeeds([base, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"]):
                raise SetupError(f"{base} has no pip for the environment; install its ensurepip (python3-venv)")
    if not _succeeds([PYTHON, "-m", "pip", "--version"]) and not _succeeds([PYTHON, "-m", "ensurepip", "--upgrade"]):
        raise SetupError("the environment in .venv has no pip and none can be put there; remove .venv and try again")


def _environment_works() -> bool:
    probe = f"import sys, ssl, sqlite3; sys.exit(sys.version_info < {OLDEST} or sys.prefix == sys.base_prefix)"
    return PYTHON.exists() and _succeeds([PYTHON, "-I", "-c", probe])


def _install_packages() -> None:
    """Install the project, its tools and its plugins, everything at the version in constraints.txt."""
    key = _packages_key()
    _pip_install("installer", ["--upgrade", *_requirements(ROOT / "scripts" / "tools.txt")])
    editable = [part for plugin in _plugins() for part in ("--editable", str(plugin.relative_to(ROOT)))]
    # The build backend is installed already, so no isolated build environment is downloaded for each package.
    extras = "duckdb,export,merge,mysql,notebook,otel,postgres,ray,report,retrieval,serve,train"
    project = ["--no-build-isolation", "--group", "dev", "--group", "docs", "--editable", f".[{extras}]", *editable]
    _pip_install("packages", project)
    PACKAGES_STAMP.write_text(key)


def _pip_install(title: str, arguments: Sequence[str]) -> None:
    command = [PYTHON, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    environment["PIP_USER"] = "0"
    with subprocess.Popen(
        [*command, "--constraint", CONSTRAINTS, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    ) as pip:  # fmt: skip
        try:
            said = _show_progress(title, pip)
        except KeyboardInterrupt:
            pip.terminate()
            raise
    if pip.returncode:
        raise SetupError(
            f"pip could not install the {title}; its last lines were\n\n"
            + "".join(said[-15:])
            + "\nRun the command again: what was downloaded is kept."
        )


def _show_progress(title: str, pip: subprocess.Popen[str]) -> list[str]:
    """Show what pip does, one line on a terminal and a line for each large download elsewhere; give its output."""
    said: list[str] = []
    seen = 0
    line = _StatusLine()
    line.show(f"{title}: looking them up")
    for text in pip.stdout or ():
        said.append(text)
        if text.startswith("Collecting "):
            seen += 1
            line.show(f"{title}: {seen} found, {text.split()[1]}")
        elif found := re.match(r"\s*(?:Downloading|Using cached) (\S+) \((.+)\)", text):
            name, size = Path(found[1]).name.split("-")[0], found[2]
            line.show(f"{title}: {seen} found, {name} {size}", lasting="MB" in size)
        elif text.startswith("Installing collected packages"):
            count = text.count(",") + 1
            line.show(f"{title}: installing {count}", lasting=True)
    line.end()
    return said


class _StatusLine:
    """One line that is written over and over on a terminal; elsewhere only lasting texts are printed."""

    def __init__(self) -> None:
        self._rewrites = sys.stdout.isatty()

    def show(self, text: str, *, lasting: bool = False) -> None:
        if self._rewrites:
            width = shutil.get_terminal_size().columns - 8
            print(f"\r\033[Ksetup: {text[:width]}", end="", flush=True)
        elif lasting:
            _say(text)

    def end(self) -> None:
        if self._rewrites:
            print("\r\033[K", end="", flush=True)


def _pull_models(names: Sequence[str]) -> None:
    stamps = _model_stamps()
    for name in names:
        _say(f"model {name}")
        pull = [VENV / "bin" / "agentsql", "models", "pull", name]
        pulled = subprocess.run(pull, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if pulled.returncode:
            raise SetupError(f"the model {name!r} could not be had (exit code {pulled.returncode}; see above)")
        path = Path(pulled.stdout.splitlines()[-1])
        stamps[name] = {"places": _model_places(), "path": str(path), "file": _file_mark(path)}
        MODELS_STAMP.write_text(json.dumps(stamps, indent=1))


def _missing_models(names: Sequence[str]) -> list[str]:
    """Give the models whose file is not where, and as large and as old as, it was after its checksum was verified."""
    stamps = _model_stamps()
    places = _model_places()

    def is_there(name: str) -> bool:
        stamp = stamps.get(name)
        return stamp is not None and stamp["places"] == places and stamp["file"] == _file_mark(Path(stamp["path"]))

    return [name for name in names if not is_there(name)]


def _model_stamps() -> dict[str, dict[str, object]]:
    try:
        stamps = json.loads(MODELS_STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def _model_places() -> list[str]:
    return [os.environ.get(name, "") for name in MODEL_PLACES]


def _file_mark(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def _packages_are_installed() -> bool:
    try:
        works = PYTHON.exists() and (VENV / "bin" / "agentsql").exists()  # False too where its Python was removed
        return works and PACKAGES_STAMP.read_text() == _packages_key()
    except OSError:
        return False


def _packages_key() -> str:
    """Give a hash of everything that decides what `.venv` holds; it does not survive a move of the checkout."""
    key = hashlib.sha256(str(ROOT).encode())
    wanted = [ROOT / "pyproject.toml", CONSTRAINTS, ROOT / "scripts" / "tools.txt"]
    for path in [*wanted, *(plugin / "pyproject.toml" for plugin in _plugins())]:
        key.update(path.read_bytes())
    return key.hexdigest()


def _plugins() -> list[Path]:
    return sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))


def _sample_is_there() -> bool:
    try:
        return SAMPLE.stat().st_mtime >= (ROOT / "examples" / "bookshop.py").stat().st_mtime
    except OSError:
        return False


def _requirements(path: Path) -> list[str]:
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold a lock, so that two set-ups of one checkout take turns."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str | Path], failure: str) -> None:
    code = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
    if code:
        raise SetupError(f"{failure} (exit code {code}; see above)")


def _succeeds(command: Sequence[str | Path]) -> bool:
    try:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def _say(text: str) -> None:
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
