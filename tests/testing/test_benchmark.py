"""`check_benchmark`: the shipped readers pass elsewhere; here is what each broken one is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks.judges import judge_bird, judge_by
from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.testing import check_benchmark


@pytest.fixture
def read_as(tiny: Path, tmp_path: Path):
    """Check a benchmark of one question, after changes to its question or judge."""
    path = tmp_path / "questions.json"
    path.write_text('[{"question": "How many singers?"}]')
    asked = Question("1", "tiny", "How many singers?", str(tiny), ("SELECT count(*) FROM singer",))

    def check(judge=None, copies: int = 1, **changes) -> Benchmark:
        benchmark = Benchmark("mine", (replace(asked, **changes),) * copies, judge or judge_by(judge_bird))

        def read(file: Path, _databases: Path | None) -> Benchmark:
            if not file.read_text():
                raise UsageError(f"{file} holds no question")
            return benchmark

        reader = SimpleNamespace(recognises=lambda _path, first: "question" in first, read=read)
        return check_benchmark(reader, path)

    return check


def test_a_benchmark_that_keeps_the_contract_passes(read_as) -> None:
    assert read_as().name == "mine"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"copies": 0}, "gave no questions"),
        ({"copies": 2}, "ids are there twice: 1; give each question its own"),
        ({"text": " "}, "question '1' has no text"),
        ({"database": ""}, "neither a `database` nor a `schema_sql`"),
        ({"database": "gone.sqlite"}, r"there is no database gone\.sqlite"),
        ({"golds": ("DROP TABLE singer",)}, "a gold is no read-only query"),
        ({"golds": ("SELECT nome FROM singer",)}, "a gold cannot be judged: no such column: nome"),
        ({"judge": lambda *_: Verdict(False, True)}, r"judge\(\) says that a gold is wrong: SELECT count"),
        ({"judge": lambda *_: Verdict(True, True)}, r"judge\(\) says that no SQL at all is right"),
    ],
)
def test_each_breach_of_a_benchmarks_contract_is_explained(read_as, changes, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        read_as(**changes)


def broken(**changes) -> SimpleNamespace:
    """Give a reader of one question that needs no database, with parts of it changed."""

    def read(file: Path, _databases: Path | None) -> Benchmark:
        if not file.read_text():
            raise UsageError(f"{file} holds no question")
        question = Question("1", "tiny", "How many?", schema_sql="CREATE TABLE singer (name TEXT)", golds=("SELECT 1",))
        return Benchmark("mine", (question,), lambda _question, sql: Verdict(bool(sql)))

    parts = {"recognises": lambda _path, first: "mine" in first, "read": read, **changes}
    return SimpleNamespace(**parts)


def reading(benchmark: object):
    return lambda file, _databases: benchmark if file.read_text() else broken().read(file, None)


def only_once(question: Question, sql: str, asked: list[str] = []) -> Verdict:  # noqa: B006  # the mistake it stands for
    asked.append(sql)
    return Verdict(bool(sql) and len(asked) < 4)


def raising(*_arguments: object) -> Verdict:
    raise KeyError("mine")


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (broken(recognises=lambda *_: False), r"recognises\(\) must be True of"),
        (broken(recognises=lambda *_: True), "True of a row without any key: tell by the keys of the first row"),
        (
            broken(usual_files="questions.json"),
            r"a tuple of file names; one name alone is written \('questions.json',\)",
        ),
        (
            broken(read=reading(["How many?"])),
            r"read\(\) must give an agentsql.evaluation.questions.Benchmark, gave list",
        ),
        (broken(read=reading(Benchmark("mine", ("How many?",), raising))), "a question must be a Question, is str"),  # type: ignore[arg-type]
        (
            broken(read=lambda *_: broken().read(Path(__file__), None)),
            "must raise agentsql.errors.UsageError of a file",
        ),
        (
            broken(read=lambda file, _: json.loads(file.read_text()) and broken().read(file, None)),
            "raised JSONDecodeError",
        ),
        (
            broken(
                read=reading(Benchmark("mine", (Question("1", "a", "b", schema_sql="c", golds="SELECT 1"),), raising))
            ),
            r"`golds` is a tuple; one gold alone is written \(sql,\)",
        ),  # type: ignore[arg-type]
        (broken(read=reading(Benchmark("mine", (Question(1, "a", "b", schema_sql="c"),), raising))), "an id is a text"),  # type: ignore[arg-type]
        (broken(read=reading(replace(broken().read(Path(__file__), None), judge=lambda *_: True))), "gave bool"),
        (
            broken(read=reading(replace(broken().read(Path(__file__), None), judge=only_once))),
            "different things to several",
        ),
    ],
)
def test_each_broken_reader_is_told_what_to_mend(reader, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"mine": 1}')
    check_benchmark(broken(), path)
    with pytest.raises(AssertionError, match=message):
        check_benchmark(reader, path)


def test_a_file_that_another_reader_knows_too_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"question": "How many?", "database": "tiny.sqlite"}')
    with pytest.raises(AssertionError, match=r"the reader 'jsonl' knows .* too, .*: tell them apart by a key"):
        check_benchmark(broken(recognises=lambda _path, first: "question" in first), path)
