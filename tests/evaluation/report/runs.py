"""Two small runs on four questions, with text in them that no page may act on."""

from __future__ import annotations

from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import CandidateRecord, Record, StepRecord
from agentsql.evaluation.score import Evaluation, Preview, Scored

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
_QUESTIONS = (
    Question("q1", "shop", "How many customers?", golds=("SELECT count(*) FROM customer",), hardness="easy"),
    Question("q2", "shop", f"Who is {HOSTILE}?", golds=("SELECT 'x' AS a",), hardness="hard", evidence=HOSTILE),
    Question("q3", HOSTILE, "Which | pipes `are` *there*?", golds=('SELECT "a|b" FROM t -- `\n',), hardness="hard"),
    Question("q4", "zoo", "Snö ☃ 🦒?", golds=("SELEC",), hardness="extra"),
)
_FEATURES = {"q1": ("aggregate",), "q2": (), "q3": ("order", "join"), "q4": ("join",)}
_GOLD_RESULTS = {
    "q1": Preview(("count(*)",), ((7,),), 1),
    "q2": Preview(("a",), ((HOSTILE,), (None,), (b"\x00\xff",)), 99, more=True),
}


def _record(question: Question, sql: str, *, seconds: float, confidence: float | None) -> Record:
    step = StepRecord("generate", seconds, 1, 300, 20, (), (HOSTILE,), ("customer",), (("customer", "id"),))
    candidates = (
        CandidateRecord("full-1", sql, "", "aa11", 1, -0.25),
        CandidateRecord("full-2", "SELECT '🦒', 2 -- c", "empty: the query gives no rows", "bb22", 0),
        CandidateRecord("full-3", sql, "", "aa11", 1),
    )
    return Record(
        question.id, question.db_id, question.text, sql, golds=question.golds, hardness=question.hardness, text=HOSTILE,
        confidence=confidence, path="full-1", calls=1, prompt_tokens=300, completion_tokens=20, seconds=seconds,
        steps=(step, StepRecord("select", 0.0)), candidates=candidates if sql else (),
        examples=((HOSTILE, "SELECT 1"),),
    )  # fmt: skip


def _scored(place: int, sql: str, right: bool, category: str = "", lost: str = "", **spent: float) -> Scored:
    question = _QUESTIONS[place]
    gold_error = "syntax error" if question.id == "q4" else ""
    record = _record(question, sql, seconds=spent.get("seconds", 1.0), confidence=spent.get("confidence", 0.9))
    return Scored(
        record, question, Verdict(right, bool(sql), gold_error=gold_error),
        {"exact_match": float(right), "soft_f1": 1.0 if right else 0.5, "ves": None},
        _FEATURES[question.id], category, (), lost, _GOLD_RESULTS.get(question.id),
        Preview(("n",), ((1,),), 1) if sql else None,
    )  # fmt: skip


BASE = Evaluation(
    "base", "shop",
    (
        _scored(0, "SELECT count(*) FROM customer", True, seconds=0.5, confidence=0.95),
        _scored(1, f"SELECT '{HOSTILE}'", False, "wrong value", "link", seconds=2.0, confidence=0.9),
        _scored(2, "SELECT 2", False, "missing join", "generate", seconds=3.0, confidence=0.2),
        _scored(3, "", False, "gold broken", "", seconds=8.0, confidence=0.1),
    ),
    {"graph": "direct", "settings": {"sql_model": "local:tiny", "temperature": 0}, "note": HOSTILE},
)  # fmt: skip
OTHER = Evaluation(
    "other", "shop",
    (
        _scored(0, "SELECT 7", False, "wrong column", "generate", seconds=1.5),
        _scored(1, "SELECT 'x'", True, seconds=2.5, confidence=0.8),
        _scored(2, "SELECT \"a|b\" FROM t", True, seconds=3.5, confidence=0.4),
    ),
    {"graph": "default", "settings": {"sql_model": "local:tiny"}},
    (2.0, 6.0),
)  # fmt: skip
PREDICTIONS = Evaluation(
    "file", "shop",
    tuple(
        Scored(Record(one.id, one.db_id, one.text, "SELECT 1"), one, Verdict(one.id == "q1", True))
        for one in _QUESTIONS
    ),
)  # fmt: skip
