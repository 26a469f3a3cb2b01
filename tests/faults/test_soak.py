"""Three hundred questions of every kind leave an agent with the threads and files that it had."""

from __future__ import annotations

from pathlib import Path

import pytest
import soak


@pytest.mark.slow
def test_questions_leave_no_thread_file_or_task_behind(tmp_path: Path) -> None:
    readings, statuses = soak.soak(tmp_path, 300, 8)
    assert statuses["answered"] >= 200
    assert statuses["refused"] == 30
    assert statuses.keys() <= {"answered", "refused", "failed", "cancelled"}
    first, last = readings[2], readings[-1]
    assert last.tasks == 0
    assert last.threads <= first.threads + 1
    assert last.files <= first.files + 2
    assert last.rss_mb <= first.rss_mb + 15
