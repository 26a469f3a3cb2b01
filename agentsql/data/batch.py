"""Prepares whole files: in several processes, through a journal that survives a stop, into files of parts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from agentsql.data.hub import TableFormat, write_tables
from agentsql.data.journal import JOURNAL, journal_lines, marks_of, resume_journal
from agentsql.data.lengths import TokenCounter, open_counter
from agentsql.data.prepare import Making, Outcome, RowMaker, as_mapping
from agentsql.data.report import DROPPED, Tally, as_markdown, check_unfinished, save_report, written_into
from agentsql.data.runs import QuestionsOf
from agentsql.data.samples import Dropped, Sample, read_samples
from agentsql.data.split import split_databases
from agentsql.errors import TrainingDataError

_CHUNK = 50
_ALONE = 1000
"""Up to so many questions are prepared in this process: another takes seconds to start."""
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is prepared into a folder."""

    inputs: tuple[Path, ...]
    making: Making
    given: QuestionsOf = field(default_factory=QuestionsOf)
    shares: dict[str, float] = field(default_factory=lambda: {"train": 1.0})
    seed: int = 0
    against: str = ""
    """The evaluation set that `making.leaks` was made of, for the report."""
    tokenizer: str = ""
    tables: TableFormat | None = None
    """What is written beside the JSONL files."""
    workers: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))


def prepare_files(plan: Plan, out: Path, say: Callable[[str], None] = lambda _line: None) -> dict[str, Any]:
    """Prepare the inputs into `out`, and give the report; stopped and called again, it goes on where it was.

    `out` then holds a JSONL file for each part of the split, `dropped.jsonl`, `report.json` and `report.md`.

    Raises:
        TrainingDataError, UsageError: an input cannot be read, or `out` holds something else.
    """
    counter = open_counter(plan.tokenizer)
    with written_into(out):
        check_unfinished(out)
        journal = out / JOURNAL
        done = resume_journal(journal, _header(plan))
        _prepare(plan, journal, done, say)
        return _finish(plan, out, counter, say)


def _header(plan: Plan) -> str:
    """Say what the rows follow from, so that a journal is gone on with by the same only."""
    making = plan.making
    leaks = hashlib.sha256(repr(sorted(asdict(making.leaks).items())).encode("utf-8", "replace")).hexdigest()[:16]
    made_by = [
        repr(making.graph),
        asdict(making.settings),
        making.tasks,
        asdict(making.shown),
        sorted(making.drop),
        leaks,
    ]
    inputs = marks_of((*plan.inputs, *filter(None, [plan.given.questions, plan.given.databases])))
    return json.dumps({"inputs": inputs, "options": made_by}, default=str)


def _prepare(plan: Plan, journal: Path, done: int, say: Callable[[str], None]) -> None:
    samples = chain.from_iterable(read_samples(path, plan.given) for path in plan.inputs)
    rest = islice(samples, done, None)
    with journal.open("a", encoding="utf-8", errors="replace") as file:
        number = done
        for lines in _made(plan, rest):
            file.write("".join(line + "\n" for line in lines))
            file.flush()
            number += len(lines)
            say(f"{number:,} questions prepared")


def _made(plan: Plan, samples: Iterator[Sample | Dropped]) -> Iterator[list[str]]:
    """Yield journal lines chunk by chunk, in the order of the samples."""
    first = list(islice(samples, _ALONE))
    if len(first) < _ALONE or plan.workers <= 1:
        with RowMaker(plan.making) as maker:
            for chunk in _chunks(chain(first, samples)):
                yield asyncio.run(_lines(maker, chunk))
        return
    # Not by fork: other threads of this process may hold locks.
    context = multiprocessing.get_context("spawn")
    waiting: deque[Future[list[str]]] = deque()
    pool = ProcessPoolExecutor(plan.workers, context, initializer=_begin, initargs=(plan.making,))
    try:
        for chunk in _chunks(chain(first, samples)):
            waiting.append(pool.submit(_lines_of, chunk))
            if len(waiting) > 2 * plan.workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _chunks(samples: Iterable[Sample | Dropped]) -> Iterator[list[Sample | Dropped]]:
    left = iter(samples)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


_maker: RowMaker | None = None
"""Of a worker process."""


def _begin(making: Making) -> None:
    """Set a worker process up; Ctrl-C is the first process's to handle."""
    global _maker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _maker = RowMaker(making)


def _lines_of(chunk: Sequence[Sample | Dropped]) -> list[str]:
    assert _maker is not None
    return asyncio.run(_lines(_maker, chunk))


async def _lines(maker: RowMaker, chunk: Sequence[Sample | Dropped]) -> list[str]:
    outcomes = [await maker.make(one) if isinstance(one, Sample) else Outcome(dropped=one) for one in chunk]
    return [json.dumps(as_mapping(one), ensure_ascii=False) for one in outcomes]


def _finish(plan: Plan, out: Path, counter: TokenCounter, say: Callable[[str], None]) -> dict[str, Any]:
    """Write the files of the parts and the report; the journal goes last."""
    tally = Tally(counter)
    for number, found in enumerate(journal_lines(out / JOURNAL), 1):
        tally.add(found)
        if not number % _ALONE:
            say(f"{number:,} questions counted")
    if not tally.databases:
        raise TrainingDataError(
            f"no question of {', '.join(map(str, plan.inputs))} can be trained on: {tally.reasons()}; "
            f"see {out / JOURNAL}, and remove it to begin anew"
        )
    parts = split_databases(tally.databases, plan.shares, plan.seed)
    rows_of_part = dict.fromkeys(plan.shares, 0)
    names = {**{one: f"{one}.jsonl" for one in plan.shares}, "": DROPPED}
    with ExitStack() as opened:
        files = {
            part: opened.enter_context((out / f"{name}{_PART}").open("w", encoding="utf-8"))
            for part, name in names.items()
        }
        for database, line in tally.lines(journal_lines(out / JOURNAL)):
            part = parts[database] if database else ""
            files[part].write(line + "\n")
            if part:
                rows_of_part[part] += 1
    for name in names.values():
        (out / f"{name}{_PART}").replace(out / name)
    if plan.tables:
        write_tables(out, list(plan.shares), plan.tables)
    report = tally.report(parts, rows_of_part, made_of=_made_of(plan))
    save_report(out, report, as_markdown(report))
    (out / JOURNAL).unlink()
    return report


def _made_of(plan: Plan) -> dict[str, Any]:
    making = plan.making
    return {
        "inputs": [{"path": str(path), "sha256": _hash(path)} for path in plan.inputs],
        "against": plan.against,
        "tasks": making.tasks,
        "graph": making.graph.name,
        "shown": asdict(making.shown),
        "drop": sorted(making.drop),
        "split": plan.shares,
        "seed": plan.seed,
        "schema": asdict(making.settings.schema),
    }


def _hash(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
