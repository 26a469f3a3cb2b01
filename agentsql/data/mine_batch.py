"""Mines whole runs, and what was sampled for their questions, into files of rows."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agentsql.data.journal import JOURNAL, journal_lines, resume_journal
from agentsql.data.lengths import TokenCounter, open_counter
from agentsql.data.mine import Miner, Mining
from agentsql.data.mine_report import KINDS, Tally, as_mapping, as_markdown
from agentsql.data.report import DROPPED, check_unfinished, save_report, written_into
from agentsql.data.runs import QuestionsOf, benchmark_of_run, records_of
from agentsql.data.sampling import SAMPLES, Sampling, Texts, read_written, sample_questions
from agentsql.errors import TrainingDataError, UsageError
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.models.endpoint import Endpoint

_PART = ".part"


@dataclass(frozen=True, slots=True)
class Written:
    """A question with all that was written for it, by the benchmark that judges it."""

    question: Question
    benchmark: Benchmark
    texts: tuple[str, ...]
    source: str
    degraded: tuple[str, ...] = ()
    """Options of sampling that the model could not do."""


def read_runs(runs: Sequence[Path], given: QuestionsOf) -> list[Written]:
    """Give the questions of runs, each once, with what all runs wrote for it.

    Raises:
        UsageError, TrainingDataError: a run or its questions cannot be read, or a run has questions of other ones.
    """
    found: dict[tuple[str, str], Written] = {}
    for run in runs:
        benchmark = benchmark_of_run(run, given)
        questions = {one.id: one for one in benchmark.questions}
        missing = 0
        for record in records_of(run):
            question = questions.get(record.question_id)
            if question is None or question.text != record.question:
                missing += 1
                continue
            texts = (record.sql, *(one.sql for one in record.candidates))
            known = found.get((question.db_id, question.id))
            texts = tuple(filter(None, dict.fromkeys((*(known.texts if known else ()), *texts))))
            found[question.db_id, question.id] = Written(question, benchmark, texts, run.name)
        if missing:
            raise UsageError(
                f"{missing:,} questions of the run in {run} are not among those of its benchmark; "
                "name the right ones by --questions"
            )
    if not found:
        raise TrainingDataError(
            f"there is no record in {', '.join(map(str, runs))}; let the run answer questions first"
        )
    return list(found.values())


def with_samples(
    written: Sequence[Written],
    out: Path,
    mining: Mining,
    endpoint: Endpoint,
    sampling: Sampling,
    say: Callable[[str], None] = lambda _line: None,
) -> list[Written]:
    """Let a model write more for each question, and give the questions with it; what `out` has is not asked again.

    Raises:
        ModelError: the model cannot be used; what it wrote is kept in `out`.
        UsageError: `out` is finished, or was sampled otherwise.
    """

    async def sample() -> None:
        try:
            await sample_questions(
                [one.question for one in written],
                out / SAMPLES,
                endpoint=endpoint,
                sampling=sampling,
                graph=mining.graph,
                settings=mining.settings,
                say=say,
            )
        finally:
            await endpoint.close()

    with written_into(out):
        check_unfinished(out)
        asyncio.run(sample())
        more = read_written(out / SAMPLES)
    sampled = [(one, more.get((one.question.db_id, one.question.id), Texts(()))) for one in written]
    return [replace(one, texts=(*one.texts, *two.sql), degraded=two.degraded) for one, two in sampled]


def mine_all(
    written: Sequence[Written],
    out: Path,
    mining: Mining,
    *,
    tokenizer: str = "",
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Write the files of each kind, `dropped.jsonl` and the report into `out`, and give the report.

    Stopped and called again, it goes on where it was.

    Raises:
        UsageError: `out` holds such files already, or the beginning of others.
        TrainingDataError: it cannot be written.
    """
    counter = open_counter(tokenizer)
    with written_into(out):
        check_unfinished(out)
        journal = out / JOURNAL
        done = resume_journal(journal, _header(written, mining))
        asyncio.run(_mine(written, mining, journal, done, say))
        return _finish(out, mining, counter, say)


def _header(written: Sequence[Written], mining: Mining) -> str:
    """Say what the rows follow from."""
    digest = hashlib.sha256()
    for one in written:
        digest.update(repr((one.question, one.texts, one.source)).encode("utf-8", "replace"))
    options = [repr(mining.graph), asdict(mining.settings), mining.pairs, mining.corrections]
    return json.dumps({"questions_or_queries": digest.hexdigest(), "options": options}, default=str)


async def _mine(
    written: Sequence[Written], mining: Mining, journal: Path, done: int, say: Callable[[str], None]
) -> None:
    pairs = sum(len(one["rows"]["preferences"]) for one in journal_lines(journal))
    # Questions of one database together, so that it is opened once.
    left = sorted(written, key=lambda one: one.question.database)[done:]
    with Miner(mining) as miner, journal.open("a", encoding="utf-8", errors="replace") as file:
        for number, one in enumerate(left, done + 1):
            mined = await miner.mine(one.question, one.texts, one.benchmark.judge, one.source)
            lacks = tuple(f"sampled without {name}, which the model cannot do" for name in one.degraded)
            mined = replace(mined, remarks=(*mined.remarks, *lacks))
            file.write(json.dumps(as_mapping(mined, one.question.db_id, len(one.texts)), ensure_ascii=False) + "\n")
            file.flush()
            pairs += len(mined.pairs)
            say(f"{number:,} of {len(written):,} questions mined, {pairs:,} pairs")


def _finish(out: Path, mining: Mining, counter: TokenCounter, say: Callable[[str], None]) -> dict[str, Any]:
    """Write the files of each kind and the report; the journal goes last."""
    tally = Tally(counter)
    names = (*KINDS, Path(DROPPED).stem)
    with ExitStack() as opened:
        files = {
            name: opened.enter_context((out / f"{name}.jsonl{_PART}").open("w", encoding="utf-8", errors="replace"))
            for name in names
        }
        for number, one in enumerate(journal_lines(out / JOURNAL), 1):
            tally.add(one)
            if one["dropped"]:
                files[names[-1]].write(json.dumps(one["dropped"], ensure_ascii=False) + "\n")
            for kind in KINDS:
                files[kind].writelines(line + "\n" for line in one["rows"][kind])
            if not number % 1000:
                say(f"{number:,} questions counted")
    for name in names:
        (out / f"{name}.jsonl{_PART}").replace(out / f"{name}.jsonl")
    report = tally.report({"graph": mining.graph.name, "pairs": mining.pairs, "corrections": mining.corrections})
    save_report(out, report, as_markdown(report))
    (out / JOURNAL).unlink()
    return report
