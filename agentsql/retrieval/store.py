"""Solved questions in a folder: added, deleted, searched. Loads nothing heavy until it is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from agentsql.errors import ExampleStoreError, MissingExtraError
from agentsql.folders import data_folder
from agentsql.retrieval.embed import Embedder, load_embedder
from agentsql.retrieval.manifest import FILE, read_manifest
from agentsql.settings import ExamplesSettings

if TYPE_CHECKING:
    from agentsql.retrieval.example import Example
    from agentsql.retrieval.view import Found, StoreView

_LOCK_S = 15.0
"""Seconds a writer waits for another; adding one example takes a fraction of one."""

Report = Callable[[str], None]


class ExampleStore:
    """Solved questions in one folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, load: Callable[[], Embedder] = load_embedder) -> None:
        """Name the folder; it is made with the first example.

        Args:
            load: gives the embedding model; called when it is needed first.
        """
        self.folder = folder
        self._load = load
        self._opening = threading.Lock()
        self._view: StoreView | None = None
        self._stamp: tuple[int, ...] = ()
        self._last: tuple[tuple[str, str], Any] = (("", ""), None)

    def __len__(self) -> int:
        """Give the number of examples, read from one small file.

        Raises:
            ExampleStoreError: it is damaged or of another format, as for all that follows.
        """
        manifest = read_manifest(self.folder)
        return manifest.examples if manifest else 0

    def __iter__(self) -> Iterator[Example]:
        """Give the examples, oldest first."""
        view = self._current_view()
        return iter(view if view else ())

    def search(
        self, text: str, k: int, *, only: str | None = None, exclude: frozenset[str] = frozenset()
    ) -> tuple[Found, ...]:
        """Give up to `k` examples whose compared text is most like `text`, most similar first.

        Args:
            only: name of a database; examples of others are left out.
            exclude: names of databases whose examples are left out.

        Raises:
            ExampleStoreError: it was embedded by another model.
            MissingExtraError, ModelNotFoundError: see `load_embedder`. Not raised where there are no examples.
        """
        if not len(self):
            return ()
        embedder = self._load()
        view = self._current_view()
        if view is None:
            return ()
        from agentsql.retrieval.writer import check_model

        check_model(view.manifest, embedder, self.folder)
        known, vector = self._last
        if known != (text, embedder.fingerprint):  # a question is often searched for among several sets of examples
            vector = embedder.encode([text])[0]
            self._last = (text, embedder.fingerprint), vector
        return view.search(vector, k, only=only, exclude=exclude)

    def add(self, examples: Iterable[Example], report: Report = lambda _line: None) -> int:
        """Add those that are not there yet and give how many that were; each 1,024 are safe before the next begin."""
        from agentsql.retrieval.writer import StoreWriter

        with self._locked():
            return StoreWriter(self.folder, self._load, report).add(examples)

    def delete(self, ids: Iterable[str]) -> int:
        """Delete the examples of these ids and give how many there were. Their text goes with the next `rebuild`."""
        from agentsql.retrieval.writer import StoreWriter

        if not len(self):
            return 0
        with self._locked():
            return StoreWriter(self.folder, self._load).delete(ids)

    def rebuild(self, report: Report = lambda _line: None) -> int:
        """Embed every example anew, drop the text of deleted ones, and give how many there are."""
        from agentsql.retrieval.writer import rebuild

        with self._locked():
            return rebuild(self.folder, self._load, report)

    def warm(self) -> None:
        """Load what a search needs, if there is anything to search; takes seconds."""
        if len(self):
            self._load()
            self._current_view()

    def _current_view(self) -> StoreView | None:
        """Give the last committed state, opened anew if it has changed."""
        with _numpy_needed(), self._opening:
            from agentsql.retrieval.view import StoreView

            for attempt in range(3):
                stamp = _stamp(self.folder / FILE)
                if stamp == self._stamp:
                    break
                manifest = read_manifest(self.folder)
                try:
                    self._view = StoreView(self.folder, manifest) if manifest else None
                except FileNotFoundError as exc:  # rebuilt between manifest and files
                    if attempt == 2:
                        raise ExampleStoreError(f"{exc.filename} is missing; run `agentsql examples rebuild`") from exc
                    continue
                self._stamp = stamp
                break
            return self._view

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _numpy_needed(), FileLock(self.folder / ".lock", timeout=_LOCK_S):
                yield
        except Timeout as exc:
            raise ExampleStoreError(
                f"another process is changing the examples in {self.folder}; try again when it is done"
            ) from exc


def open_examples(settings: ExamplesSettings) -> ExampleStore:
    """Give the store that the settings name; nothing is read yet."""
    folder = Path(settings.folder).expanduser() if settings.folder else data_folder() / "examples"
    return ExampleStore(folder, lambda: load_embedder(settings.model))


@contextmanager
def _numpy_needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as exc:
        raise MissingExtraError("the store of examples", exc.name or "numpy", "retrieval") from exc


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino
