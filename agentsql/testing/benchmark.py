"""The check of a benchmark: its file is read, and its rule is tried on the golds."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks.rows import first_row
from agentsql.evaluation.questions import Benchmark, BenchmarkReader, Question, Verdict
from agentsql.plugins import load_plugin, plugin_names

_JUDGED = 50
"""Questions whose golds are run by `check_benchmark`, spread over all: each costs a query."""


def check_benchmark(reader: BenchmarkReader, path: str | Path, databases: str | Path | None = None) -> Benchmark:
    """Read a questions file, check what comes, and give it.

    Each question has an id of its own, a text, and a database that is there or a schema. Up to 50 questions, spread
    over all, are judged: their golds are right and no SQL is wrong. An empty file has to be refused, and no other
    installed reader may know this one.

    Raises:
        UsageError: the reader refuses the file.
        AssertionError: something does not fit the contract; the text says how to mend it.
    """
    path = Path(path)
    _check_recognises(reader, path)
    benchmark = reader.read(path, Path(databases) if databases is not None else None)
    assert isinstance(benchmark, Benchmark), (
        f"read() must give an agentsql.evaluation.questions.Benchmark, gave {type(benchmark).__name__}"
    )
    assert benchmark.name, "a benchmark needs a `name`"
    assert benchmark.questions, f"{path} gave no questions; raise UsageError of a file without any"
    for question in benchmark.questions:
        _check_asked(question)
    repeated = [one for one, count in Counter(one.id for one in benchmark.questions).items() if count > 1]
    assert not repeated, f"these ids are there twice: {', '.join(repeated[:5])}; give each question its own"
    for question in benchmark.questions[:: max(1, len(benchmark.questions) // _JUDGED)]:
        _check_judged(benchmark, question)
    _check_threads(benchmark)
    _check_empty(reader, path)
    return benchmark


def _check_recognises(reader: BenchmarkReader, path: Path) -> None:
    first = first_row(path)
    assert reader.recognises(path, first) is True, f"recognises() must be True of {path}"
    assert reader.recognises(path, {}) is False, (
        "recognises() is True of a row without any key: tell by the keys of the first row, by all that `read` needs"
    )
    for name in plugin_names("agentsql.benchmarks"):
        try:
            other = load_plugin("agentsql.benchmarks", name)
            known = other is not reader and other.recognises(path, first)
        # Another's reader may be broken, which is not for this check to say.
        except Exception:
            continue
        assert not known, (
            f"the reader {name!r} knows {path} too, and a file that two know is read by neither: tell them apart by "
            "a key that its rows have and those of the other lack, in recognises() of both"
        )
    usual = getattr(reader, "usual_files", ())
    assert isinstance(usual, tuple) and all(isinstance(one, str) for one in usual), (
        "`usual_files` must be a tuple of file names; one name alone is written ('questions.json',)"
    )


def _check_threads(benchmark: Benchmark) -> None:
    """See that the judge says the same to several threads; a connection kept open, for one, is its thread's alone."""
    question = next((one for one in benchmark.questions if one.golds), None)
    if question is None:
        return
    asked, gold = question, question.golds[0]
    with ThreadPoolExecutor(4) as threads:
        try:
            verdicts = list(threads.map(lambda _number: benchmark.judge(asked, gold), range(8)))
        # Foreign code may raise anything.
        except Exception as exc:
            raise AssertionError(f"judge() must be safe to call from several threads; it raised {exc!r}") from exc
    assert len({verdict.correct for verdict in verdicts}) == 1, "judge() says different things to several threads"


def _check_empty(reader: BenchmarkReader, path: Path) -> None:
    with TemporaryDirectory() as folder:
        empty = Path(folder, path.name)
        empty.touch()
        try:
            reader.read(empty, None)
        except UsageError:
            return
        # Foreign code may raise anything.
        except Exception as exc:
            raise AssertionError(
                f"read() raised {type(exc).__name__} ({exc}) of an empty file: raise agentsql.errors.UsageError, which "
                "names the file and the row; agentsql.evaluation.benchmarks.rows.read_rows does"
            ) from exc
    raise AssertionError("read() must raise agentsql.errors.UsageError of a file without questions")


def _check_asked(question: Question) -> None:
    assert isinstance(question, Question), f"a question must be a Question, is {type(question).__name__}"
    where = f"question {question.id!r}"
    assert isinstance(question.id, str) and question.id, f"{where}: an id is a text; write str(number)"
    assert not isinstance(question.golds, str), f"{where}: `golds` is a tuple; one gold alone is written (sql,)"
    assert question.text.strip(), f"{where} has no text"
    assert question.database or question.schema_sql, f"{where} has neither a `database` nor a `schema_sql`"
    if question.database and "://" not in question.database:
        assert Path(question.database).is_file(), f"{where}: there is no database {question.database}"


def _check_judged(benchmark: Benchmark, question: Question) -> None:
    where = f"question {question.id!r}"
    for gold in question.golds:
        try:
            read_only_query(gold, "sqlite")
        except StatementRefused as refusal:  # what does not parse is left to the database, which has the last word
            assert refusal.failure.kind != "refused", f"{where}: a gold is no read-only query: {refusal}"
        verdict = benchmark.judge(question, gold)
        assert isinstance(verdict, Verdict), (
            f"judge() must give an agentsql.evaluation.questions.Verdict, gave {type(verdict).__name__}"
        )
        assert not verdict.gold_error, f"{where}: a gold cannot be judged: {verdict.gold_error}"
        assert verdict.executable is not False, f"{where}: judge() says that a gold does not run: {gold}"
        assert verdict.correct is not False, f"{where}: judge() says that a gold is wrong: {gold}"
    assert not benchmark.judge(question, "").correct, f"{where}: judge() says that no SQL at all is right"
