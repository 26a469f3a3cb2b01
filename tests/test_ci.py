"""`.ci/run`, with a `make` that does nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parent.parent / ".ci" / "run"


@pytest.mark.parametrize(
    ("wanted", "code", "made"),
    [
        pytest.param({}, 1, [], id="it fails"),
        pytest.param({"WITHOUT_SERVERS": "1"}, 0, ["check", "test", "test-vllm"], id="it goes on where told to"),
    ],
)
def test_servers_that_cannot_be_started_do_not_pass_in_silence(tmp_path: Path, wanted, code, made) -> None:
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "made $1"\n')
    make.chmod(0o755)
    variables = {name: value for name, value in os.environ.items() if name != "WITHOUT_SERVERS"}
    variables |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SERVICES_FOLDER": "/dev/null/nowhere", **wanted}
    ran = subprocess.run([RUN], capture_output=True, text=True, check=False, env=variables)
    assert ran.returncode == code
    assert [line.removeprefix("made ") for line in ran.stdout.splitlines() if line.startswith("made ")] == made
    assert ("WITHOUT_SERVERS=1 skips their tests" in ran.stderr) == (code == 1)
    assert ("going on without the servers" in ran.stdout) == (code == 0)
