"""The one thread that stops what is late."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from agentsql.db.server_watch import Watch

LONG_S = 60.0


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    made.close()


def test_what_is_late_is_stopped_while_it_runs(watch: Watch) -> None:
    stopped = threading.Event()
    with watch.limit(0.01, stopped.set):
        assert stopped.wait(LONG_S)


def test_a_shorter_limit_that_comes_later_is_kept(watch: Watch) -> None:
    stopped = threading.Event()
    with watch.limit(LONG_S * 10, lambda: None), watch.limit(0.01, stopped.set):
        assert stopped.wait(LONG_S)


def test_what_has_ended_is_not_stopped(watch: Watch) -> None:
    stopped: list[str] = []
    for number in range(50):
        with watch.limit(0.0005, lambda number=number: stopped.append(f"late {number}")):  # type: ignore[misc]
            pass
        before = len(stopped)
        marker = threading.Event()
        with watch.limit(0.001, marker.set):
            assert marker.wait(LONG_S)
        assert len(stopped) == before


def test_leaving_waits_for_a_stop_that_has_begun(watch: Watch) -> None:
    begun, done = threading.Event(), []

    def stop() -> None:
        begun.set()
        threading.Event().wait(0.05)
        done.append(True)

    with watch.limit(0.001, stop):
        assert begun.wait(LONG_S)
    assert done == [True]


def test_a_stop_that_fails_leaves_the_others_their_deadlines(watch: Watch) -> None:
    def fail() -> None:
        raise OSError("no route")

    stopped = threading.Event()
    with watch.limit(0.001, fail), watch.limit(0.01, stopped.set):
        assert stopped.wait(LONG_S)


def test_closing_ends_the_thread() -> None:
    watch = Watch()
    with watch.limit(LONG_S, lambda: None):
        pass
    watch.close()
    assert "agentsql-watch" not in [thread.name for thread in threading.enumerate() if not thread.daemon]
    assert watch._thread is not None and not watch._thread.is_alive()
