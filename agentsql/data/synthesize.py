"""Lets a model write triplets until there are enough, keeps a journal of every try, and says what became of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.data.journal import journal_lines, resume_journal
from agentsql.data.places import SQLITE_FAULTS, MemoryDatabase
from agentsql.data.report import REPORT, REPORT_TEXT
from agentsql.data.samples import Dropped, read_samples
from agentsql.data.triplets import (
    ALIKE,
    DIFFICULTIES,
    Given,
    Kept,
    Kind,
    RejectedError,
    Triplet,
    Wish,
    checked_triplet,
    messages_for,
    reply_schema,
    shipped_seeds,
    wish,
)
from agentsql.db.connect import open_database
from agentsql.db.render import render_schema
from agentsql.errors import MissingExtraError, TrainingDataError, UsageError
from agentsql.evaluation.hardness import spider_hardness
from agentsql.models.endpoint import Endpoint
from agentsql.retrieval.mask import skeleton
from agentsql.settings import Settings

if TYPE_CHECKING:
    from agentsql.retrieval.embed import Embedder

TRIPLETS = "triplets.jsonl"
"""What is kept: `question`, `context`, `answer` and what is known of them; `prepare` reads it."""
TRIES = "tries.jsonl"
"""Every try with what became of it; what goes on goes on from it."""

_IN_FLIGHT = 4
_MOST_TOKENS = 1200
_TRIES_EACH = 5
"""Tries for each triplet wanted, after which what there is must do."""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted."""

    count: int
    kind: Kind
    given: tuple[Given, ...] = ()
    seeds: dict[str, list[str]] = field(default_factory=shipped_seeds)
    temperature: float = 0.8
    top_p: float = 0.95
    seed: int = 0
    alike: int = 0
    """Triplets whose SQL has one skeleton; 0 allows a tenth of `count`, and three at least."""


def given_databases(paths: Iterable[Path], settings: Settings) -> list[Given]:
    """Open databases to ask questions about, or read files of CREATE TABLE statements (`.sql`).

    Raises:
        DatabaseError: one cannot be opened.
        TrainingDataError: a file cannot be read.
    """
    found = []
    for path in paths:
        if path.suffix == ".sql":
            found.append(_given_text(path, settings))
            continue
        with closing(open_database(path, settings=settings.database, schema_settings=settings.schema)) as database:
            schema = database.schema()
            text = render_schema(schema, prompt_tokens=10**9, sample_values=0).text
            found.append(Given(path.stem, schema, text, str(path)))
    return found


def _given_text(path: Path, settings: Settings) -> Given:
    try:
        text = path.read_text(encoding="utf-8")
        with closing(MemoryDatabase(path.stem, text, settings)) as database:
            return Given(path.stem, database.schema(), text)
    except (OSError, *SQLITE_FAULTS) as exc:
        raise TrainingDataError(f"{path} holds no CREATE TABLE statements that SQLite takes: {exc}") from exc


def seeds_from(path: Path) -> dict[str, list[str]]:
    """Give the skeletons of the SQL in a file that `read_samples` takes, by difficulty.

    Raises:
        TrainingDataError, UsageError: it cannot be read, or holds none.
    """
    seeds: dict[str, dict[str, None]] = {}
    for one in read_samples(path):
        if not isinstance(one, Dropped) and (shape := " ".join(skeleton(one.gold, "sqlite"))):
            seeds.setdefault(spider_hardness(one.gold) or "extra", {})[shape] = None
    if not seeds:
        raise TrainingDataError(f"no SQL of {path} can be read; give a file of questions with their SQL")
    return {name: list(seeds.get(name, ())) or shipped_seeds()[name] for name in DIFFICULTIES}


async def write_triplets(
    order: Order,
    endpoint: Endpoint,
    out: Path,
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Ask until there are enough, or too many tries were made, and give the report; it goes on where it was stopped.

    Args:
        embedder: compares the questions; without it they are compared by their words alone, and the report says so.

    Raises:
        ModelError: the model cannot be used; every try is kept.
        UsageError: `out` is of another order, or nothing is given to ask about.
    """
    if order.kind != "invent" and not order.given:
        raise UsageError("there is no schema to ask about; name a database, or a file of CREATE TABLEs, by --db")
    out.mkdir(parents=True, exist_ok=True)
    writing = _Writing(order, settings, embedder)
    done = writing.resume(out / TRIES)
    with (out / TRIES).open("a", encoding="utf-8", errors="replace") as journal:
        number = done
        while writing.lacking and number < _TRIES_EACH * order.count:
            end = min(number + min(_IN_FLIGHT, writing.lacking), _TRIES_EACH * order.count)
            numbers = range(number, end)
            wishes = [writing.wish(one) for one in numbers]
            replies = await asyncio.gather(
                *(_ask(one, endpoint, order) for one in wishes if one), return_exceptions=True
            )
            failures = [one for one in replies if isinstance(one, BaseException)]
            left = iter(replies)
            for one in wishes:
                reply = next(left) if one else ""
                if isinstance(reply, BaseException):
                    break  # the tries stay in their order, so that one that goes on makes the same
                journal.write(json.dumps(writing.take(one, reply), ensure_ascii=False) + "\n")
                number += 1
            journal.flush()
            say(f"{len(writing.kept.triplets):,} of {order.count:,} triplets, {number:,} tries")
            if failures:
                raise failures[0]
    return writing.finish(out, number)


def _header(order: Order) -> str:
    """Say what the tries follow from; of an order that goes on only the count may be another."""
    databases = [(one.db_id, one.schema_sql) for one in order.given]
    digest = hashlib.sha256(repr((databases, sorted(order.seeds.items()))).encode("utf-8", "replace")).hexdigest()
    sampling = [order.temperature, order.top_p, order.seed, order.alike]
    return json.dumps({"kind": order.kind, "schemas_or_seeds": digest, "sampling": sampling})


async def _ask(wanted: Wish, endpoint: Endpoint, order: Order) -> str:
    (completion,) = await endpoint.complete(
        messages_for(wanted),
        temperature=order.temperature,
        top_p=order.top_p,
        max_tokens=_MOST_TOKENS,
        json_schema=reply_schema(wanted.kind),
    )
    return completion.text


class _Writing:
    """What is known while triplets are written."""

    def __init__(self, order: Order, settings: Settings, embedder: Embedder | None) -> None:
        self._order = order
        self._settings = settings
        self._embedder = embedder
        self._vectors: list[Any] = []
        self.kept = Kept(order.count, order.alike or max(3, order.count // 10))
        self._rejected: Counter[str] = Counter()
        self._examples: dict[str, list[dict[str, Any]]] = {}

    @property
    def lacking(self) -> int:
        return max(0, self._order.count - len(self.kept.triplets))

    def wish(self, number: int) -> Wish | None:
        order = self._order
        difficulty = self.kept.neediest(number)
        return wish(number, order.given, order.seeds, kind=order.kind, difficulty=difficulty, seed=order.seed)

    def take(self, wanted: Wish | None, reply: str) -> dict[str, Any]:
        """Test what came, and give its line of the journal."""
        try:
            if wanted is None:
                raise RejectedError("no SQL can be drawn from its schema")
            found = checked_triplet(reply, wanted, self._settings, self._order.seed)
            self.kept.check(found)
            vector = self._checked_vector(found.question)
        except RejectedError as exc:
            line = {"kept": None, "reason": str(exc), "wish": wanted.as_mapping() if wanted else {}, "reply": reply}
            self._count(line)
            return line
        self._keep(found, vector)
        return {"kept": found.as_mapping(), "reason": "", "wish": wanted.as_mapping(), "reply": ""}

    def resume(self, journal: Path) -> int:
        """Take over what the journal has, and give how many tries that are."""
        done = resume_journal(journal, _header(self._order))
        for number, found in enumerate(journal_lines(journal), 2):
            try:
                one = Triplet(**found["kept"]) if found["kept"] else None
            except (KeyError, TypeError) as exc:
                raise TrainingDataError(f"line {number} of {journal} is no try: {exc}; remove that file") from exc
            if one:
                self._keep(one, self._vector(one.question))
            else:
                self._count(found)
        return done

    def finish(self, out: Path, tries: int) -> dict[str, Any]:
        """Write what is kept and the report."""
        kept = self.kept.triplets[: self._order.count]
        named = ({"id": f"triplet-{number}", **one.as_mapping()} for number, one in enumerate(kept))
        lines = [json.dumps(one, ensure_ascii=False) for one in named]
        (out / TRIPLETS).write_text("".join(line + "\n" for line in lines), encoding="utf-8", errors="replace")
        report = {
            "kind": self._order.kind,
            "wanted": self._order.count,
            "kept": len(kept),
            "tries": tries,
            "hardness": dict(Counter(one.hardness for one in kept)),
            "skeletons": len({one.skeleton for one in kept}),
            "without_rows": sum(not one.has_rows for one in kept),
            "compared_by_embedding": self._embedder is not None,
            "rejected": {
                reason: {"count": count, "examples": self._examples[reason]}
                for reason, count in self._rejected.most_common()
            },
        }
        (out / REPORT_TEXT).write_text(as_markdown(report), encoding="utf-8")
        (out / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return report

    def _count(self, line: dict[str, Any]) -> None:
        self._rejected[line["reason"]] += 1
        examples = self._examples.setdefault(line["reason"], [])
        if len(examples) < _EXAMPLES:
            examples.append({"wish": line["wish"], "reply": line["reply"][:300]})

    def _keep(self, one: Triplet, vector: Any) -> None:
        self.kept.add(one)
        if vector is not None:
            self._vectors.append(vector)

    def _checked_vector(self, question: str) -> Any:
        vector = self._vector(question)
        if vector is not None and any(float(vector @ other) >= ALIKE for other in self._vectors):
            raise RejectedError("its question means the same as another")
        return vector

    def _vector(self, question: str) -> Any:
        return self._embedder.encode([question])[0] if self._embedder else None


def as_markdown(report: dict[str, Any]) -> str:
    """Give the report as text."""
    lines = [
        "# Triplets",
        "",
        f"{report['kept']:,} of {report['wanted']:,} wanted, in {report['tries']:,} tries; "
        f"{report['skeletons']:,} skeletons; the SQL of {report['without_rows']:,} gives no row.",
        "",
        *(f"- {count:,} {name}" for name, count in report["hardness"].items()),
        "",
    ]
    if not report["compared_by_embedding"]:
        lines += ["Questions were compared by their words alone: the extra `retrieval` is not installed.", ""]
    if report["rejected"]:
        lines += ["## Rejected", "", *(f"- {one['count']:,}: {why}" for why, one in report["rejected"].items()), ""]
    return "\n".join(lines).rstrip() + "\n"


def installed_embedder(model: str) -> Embedder | None:
    """Give the model that compares questions, by `[examples] model`; None where the extra is not installed."""
    from agentsql.retrieval.embed import load_embedder

    try:
        return load_embedder(model)
    except MissingExtraError:
        return None
