"""Where the databases of a questions file lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from agentsql.errors import UsageError

_ENDINGS = (".sqlite", ".db", ".sqlite3")


def database_finder(questions: Path, given: Path | None, names: Sequence[str]) -> Callable[[str], str]:
    """Give a function from a `db_id` to the path of its database, which may turn out not to be there.

    Args:
        given: the folder of databases; without it, the first of `names` that is a folder beside the questions is it.

    Raises:
        UsageError: there is no such folder.
    """
    folder = databases_folder(questions, given, names)

    @cache
    def find(db_id: str) -> str:
        return str(database_path(folder, db_id))

    return find


def databases_folder(questions: Path, given: Path | None, names: Sequence[str]) -> Path:
    """Give the folder of databases, as `database_finder` does."""
    if given is not None:
        if not given.is_dir():
            raise UsageError(f"the databases folder {str(given)!r} is not there; name the folder that holds them")
        return given
    folders = [questions.parent / name for name in names]
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        looked = ", ".join(str(folder) for folder in folders)
        raise UsageError(f"there are no databases for {questions}: none of {looked} is a folder; name their folder")
    return found


def database_path(folder: Path, db_id: str) -> Path:
    """Give `ID/ID.sqlite` or `ID.sqlite` of a folder, whichever is there; the first if neither is."""
    paths = [folder / f"{stem}{ending}" for stem in (f"{db_id}/{db_id}", db_id) for ending in _ENDINGS]
    return next((path for path in paths if path.is_file()), paths[0])
