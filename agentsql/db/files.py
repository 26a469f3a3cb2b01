"""Is there a SQLite database at this path? If not, say why, before SQLite says less."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import URL

from agentsql.errors import DatabaseError, nearest

_HEADER = b"SQLite format 3\x00"


def checked_sqlite_file(url: URL) -> Path:
    """Give the absolute path of the URL's file after looking at its first bytes.

    Raises:
        DatabaseError: nothing there, a directory, unreadable, empty, or no SQLite database.
    """
    name = url.database or ""
    if not name or name == ":memory:":
        raise DatabaseError("an in-memory SQLite database would be empty; pass the Engine that filled it")
    if name.startswith("file:"):
        name = unquote(name.removeprefix("file:").partition("?")[0])
    path = Path(name).expanduser().absolute()
    try:
        if path.is_dir():
            raise DatabaseError(f"{name!r} is a directory, not a database; {_files_in(path)}")
        with path.open("rb") as file:
            start = file.read(len(_HEADER))
    except FileNotFoundError:
        raise DatabaseError(f"there is no file {name!r}{_nearest_file(path)}; nothing was created") from None
    except PermissionError:
        raise DatabaseError(f"no permission to read {name!r}; ask its owner, or copy it") from None
    except (OSError, ValueError) as problem:
        raise DatabaseError(f"{name!r} cannot be read: {problem}; check the path and its disk") from problem
    if not start:
        raise DatabaseError(f"{name!r} is empty (0 bytes): it holds no table; is it the right file?")
    if start != _HEADER:
        raise DatabaseError(f"{name!r} is not a SQLite database (or it is encrypted); give a .sqlite or .db file")
    return path


def _nearest_file(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"; its folder {str(path.parent)!r} is not there either"
    return nearest(path.name, names)


def _files_in(folder: Path) -> str:
    try:
        names = sorted(one.name for one in folder.iterdir() if one.suffix in (".sqlite", ".sqlite3", ".db", ".db3"))
    except OSError:
        names = []
    return f"did you mean {names[0]!r} in it?" if names else "name the file in it"
