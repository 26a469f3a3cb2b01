"""How the reader of a file is found, a stranger's among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentsql import plugins
from agentsql.errors import PluginError, UsageError
from agentsql.evaluation.benchmarks import open_benchmark

STRANGER = """
from agentsql.evaluation.benchmarks.judges import judge_bird, judge_by
from agentsql.evaluation.benchmarks.rows import read_rows
from agentsql.evaluation.questions import Benchmark, Question

usual_files = ("riddles.json",)

def recognises(path, first):
    return "riddle" in first

def read(path, databases):
    rows = read_rows(path)
    asked = [Question(str(n), "music", row.text("riddle"), str(path.parent / "music.sqlite"), (row.text("solution"),))
             for n, row in enumerate(rows)]
    return Benchmark("riddles", tuple(asked), judge_by(judge_bird))
"""
RIDDLES = [{"riddle": "Who is oldest?", "solution": "SELECT 'Joe Sharp'"}]
ASKED = {"question": "How many?", "database": "music.sqlite"}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a distribution with a reader `riddles` on the path."""

    def put(code: str) -> None:
        folder = tmp_path / "site"
        information = folder / "riddles-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: riddles\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text("[agentsql.benchmarks]\nriddles = riddles_reader\n")
        (folder / "riddles_reader.py").write_text(code)
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(__import__("sys").modules, "riddles_reader", raising=False)
        plugins._entries.cache_clear()

    yield put
    plugins._entries.cache_clear()


def test_the_built_in_readers_are_plugins_like_any_other() -> None:
    built_in = {"bird", "create-context", "defog", "feather", "jsonl", "spider"}
    assert built_in <= set(plugins.plugin_names("agentsql.benchmarks"))


def test_a_strangers_reader_is_found_by_its_file_its_folder_and_its_name(install, write, concerts, tmp_path) -> None:
    install(STRANGER)
    concerts("music.sqlite")
    path = write("riddles.json", RIDDLES)
    for found in (open_benchmark(path), open_benchmark(tmp_path), open_benchmark(path, name="riddles")):
        assert (found.name, found.questions[0].text) == ("riddles", "Who is oldest?")
        assert found.judge(found.questions[0], "SELECT name FROM singer WHERE age = 52").correct


def test_a_broken_reader_does_not_stop_the_others_but_says_so_when_it_is_asked_for(install, write, concerts) -> None:
    install("raise RuntimeError('half written')")
    concerts("music.sqlite")
    path = write("asked.jsonl", [ASKED])
    assert open_benchmark(path).name == "jsonl"
    with pytest.raises(PluginError, match="half written"):
        open_benchmark(path, name="riddles")


def test_a_reader_that_raises_is_named(install, write) -> None:
    install(STRANGER.replace('"riddle" in first', 'first["riddle"]'))
    with pytest.raises(PluginError, match=r"the benchmark 'riddles' broke on .*: KeyError: 'riddle'"):
        open_benchmark(write("asked.jsonl", [ASKED]))


def test_a_file_that_two_readers_know_is_read_by_the_one_that_is_named(install, write, concerts) -> None:
    install(STRANGER.replace('"riddle" in first', "True"))
    concerts("music.sqlite")
    path = write("asked.jsonl", [ASKED])
    with pytest.raises(UsageError, match=r"first row: question, database\) may be of jsonl or riddles; say which"):
        open_benchmark(path)
    assert open_benchmark(path, name="jsonl").name == "jsonl"


def test_what_no_reader_knows_is_described(write, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"its first row has riddle, solution; known are bird, create-context, defog"):
        open_benchmark(write("riddles.json", RIDDLES))
    with pytest.raises(UsageError, match=r"holds none of dev\.json"):
        open_benchmark(tmp_path)
    with pytest.raises(UsageError, match=r"there is no questions file '.*nowhere\.json'"):
        open_benchmark(tmp_path / "nowhere.json")
    with pytest.raises(PluginError, match="there is no benchmark 'spidr'; did you mean 'spider'"):
        open_benchmark(tmp_path, name="spidr")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("empty.jsonl", "", "holds no question"),
        ("empty.json", "[]", "holds no question"),
        ("empty.csv", "question,database\n", "holds no question"),
        ("text.json", "Dear all,", "neither a JSON array nor JSON lines"),
        ("bytes.csv", "question\n\udcff", "no CSV file in UTF-8"),
    ],
)
def test_a_file_without_rows_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(UsageError, match=message):
        open_benchmark(path)
