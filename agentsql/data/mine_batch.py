"""Mines whole runs, and what was sampled for their questions, into files of rows."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from agentsql.data.lengths import TokenCounter, histogram, lengths_from, lengths_of, open_counter
from agentsql.data.mine import Mined, Miner, Mining
from agentsql.data.report import DROPPED, REPORT, REPORT_TEXT
from agentsql.data.rows import PreferenceRow, TrainingRow
from agentsql.data.runs import QuestionsOf, benchmark_of_run, records_of
from agentsql.data.samples import Dropped
from agentsql.data.sampling import SAMPLES, Sampling, read_written, sample_questions
from agentsql.errors import TrainingDataError, UsageError
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.models.endpoint import Endpoint

KINDS = ("preferences", "corrections", "selections", "schema")
"""The files that are made, each `KIND.jsonl`."""
_PART = ".part"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Written:
    """A question with all that was written for it, by the benchmark that judges it."""

    question: Question
    benchmark: Benchmark
    texts: tuple[str, ...]
    source: str


@dataclass(slots=True)
class _Counts:
    """What was mined so far."""

    questions: int = 0
    texts: int = 0
    hard: int = 0
    of_kind: Counter[str] = field(default_factory=Counter)
    questions_of: Counter[str] = field(default_factory=Counter)
    hardness: Counter[str] = field(default_factory=Counter)
    databases: set[str] = field(default_factory=set)
    dropped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    remarks: Counter[str] = field(default_factory=Counter)
    lengths: dict[str, list[int]] = field(default_factory=dict)


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
    """
    out.mkdir(parents=True, exist_ok=True)

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

    asyncio.run(sample())
    more = read_written(out / SAMPLES)
    return [replace(one, texts=(*one.texts, *more.get(one.question.id, ()))) for one in written]


def mine_all(
    written: Sequence[Written],
    out: Path,
    mining: Mining,
    *,
    tokenizer: str = "",
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Write the files of each kind, `dropped.jsonl` and the report into `out`, and give the report.

    Raises:
        UsageError: `out` holds such files already.
        TrainingDataError: it cannot be written.
    """
    counter = open_counter(tokenizer)
    counts = _Counts()
    try:
        out.mkdir(parents=True, exist_ok=True)
        if (out / REPORT).exists():
            raise UsageError(f"{out} holds mined or prepared data already; name another folder, or remove it")
        names = (*KINDS, Path(DROPPED).stem)
        with ExitStack() as opened:
            files = {
                name: opened.enter_context((out / f"{name}.jsonl{_PART}").open("w", encoding="utf-8")) for name in names
            }
            asyncio.run(_mine(written, mining, files, counts, counter, say))
        for name in names:
            (out / f"{name}.jsonl{_PART}").replace(out / f"{name}.jsonl")
        report = _report(counts, counter, mining)
        (out / REPORT_TEXT).write_text(as_markdown(report), encoding="utf-8")
        (out / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as exc:
        raise TrainingDataError(f"{out} cannot be written: {exc.strerror or exc}; make room and try again") from exc
    return report


async def _mine(
    written: Sequence[Written],
    mining: Mining,
    files: Mapping[str, TextIO],
    counts: _Counts,
    counter: TokenCounter,
    say: Callable[[str], None],
) -> None:
    with Miner(mining) as miner:
        # Questions of one database together, so that it is opened once.
        for number, one in enumerate(sorted(written, key=lambda one: one.question.database), 1):
            mined = await miner.mine(one.question, one.texts, one.benchmark.judge, one.source)
            counts.questions += 1
            counts.texts += len(one.texts)
            if mined.dropped:
                files["dropped"].write(json.dumps(_counted_drop(mined.dropped, counts), ensure_ascii=False) + "\n")
            else:
                _count(mined, one.question, counts)
            for kind, row in _rows(mined):
                files[kind].write(row.to_json() + "\n")
                counts.of_kind[kind] += 1
                reply = row.completion if isinstance(row, TrainingRow) else max(row.chosen, row.rejected, key=len)
                counts.lengths.setdefault(kind, []).append(sum(counter.of_row(row.prompt, reply)))
            say(f"{number:,} of {len(written):,} questions mined, {counts.of_kind['preferences']:,} pairs")


def _rows(mined: Mined) -> Iterator[tuple[str, TrainingRow | PreferenceRow]]:
    of_kind: tuple[Sequence[TrainingRow | PreferenceRow], ...] = (
        mined.pairs,
        mined.corrections,
        mined.selections,
        mined.schema,
    )
    for kind, rows in zip(KINDS, of_kind, strict=True):
        yield from ((kind, row) for row in rows)


def _count(mined: Mined, question: Question, counts: _Counts) -> None:
    counts.hard += mined.hard
    counts.remarks.update(mined.remarks)
    counts.databases.add(question.db_id)
    if mined.pairs:
        counts.hardness[mined.pairs[0].about.hardness] += len(mined.pairs)
    counts.questions_of.update(dict.fromkeys((kind for kind, _ in _rows(mined)), 1))


def _counted_drop(dropped: Dropped, counts: _Counts) -> dict[str, str]:
    counts.dropped[dropped.reason] += 1
    examples = counts.examples.setdefault(dropped.reason, [])
    if len(examples) < _EXAMPLES:
        examples.append(asdict(dropped))
    return asdict(dropped)


def _report(counts: _Counts, counter: TokenCounter, mining: Mining) -> dict[str, Any]:
    return {
        "made_of": {"graph": mining.graph.name, "pairs": mining.pairs, "corrections": mining.corrections},
        "questions": counts.questions,
        "queries": counts.texts,
        "databases": len(counts.databases),
        "rows": {kind: {"count": counts.of_kind[kind], "questions": counts.questions_of[kind]} for kind in KINDS},
        "hard_negatives": counts.hard,
        "hardness": dict(counts.hardness.most_common()),
        "remarks": dict(counts.remarks.most_common()),
        "dropped": {
            reason: {"count": count, "examples": counts.examples[reason]}
            for reason, count in counts.dropped.most_common()
        },
        "tokens": {
            "method": counter.method,
            **{kind: asdict(found) for kind, all_of in counts.lengths.items() if (found := lengths_of(all_of))},
        },
    }


def as_markdown(report: Mapping[str, Any]) -> str:
    """Give the report as text."""
    lines = [
        "# Mined data",
        "",
        f"{report['questions']:,} questions of {report['databases']:,} databases, {report['queries']:,} queries.",
        "",
        "| rows | | questions |",
        "|---|---|---|",
        *(f"| {kind} | {one['count']:,} | {one['questions']:,} |" for kind, one in report["rows"].items()),
        "",
        f"Of the wrong queries in pairs {report['hard_negatives']:,} run.",
        "",
    ]
    for title, key in (("Pairs by hardness", "hardness"), ("Worth knowing", "remarks")):
        if report[key]:
            lines += [f"## {title}", "", *(f"- {count:,}: {name}" for name, count in report[key].items()), ""]
    if report["dropped"]:
        lines += ["## Dropped", ""]
        for reason, one in report["dropped"].items():
            lines.append(f"- {one['count']:,}: {reason}")
            lines += [
                f"  - `{shown['id']}` {shown['question']} {shown['detail']}".rstrip() for shown in one["examples"]
            ]
        lines.append("")
    lines += ["## Tokens of prompt and longest reply", "", f"Counted: {report['tokens']['method']}.", ""]
    for kind, one in report["tokens"].items():
        if kind != "method":
            found = lengths_from(one)
            lines += [
                f"{kind}: half up to {found.p50:,}, longest {found.most:,}",
                "",
                "```",
                histogram(found),
                "```",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"
