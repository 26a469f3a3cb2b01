"""The store of solved questions that the benchmarks show examples from: Spider's training questions."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlglot import TokenType, tokenize

from agentsql.evaluation.questions import Question
from agentsql.folders import cache_folder
from agentsql.retrieval.example import Example, folded, normalised
from agentsql.retrieval.layouts import read_solved
from agentsql.retrieval.store import open_examples
from agentsql.settings import ExamplesSettings
from agentsql.steps.examples import masked_by_sql
from harness.questions import SPIDER

TRAIN = SPIDER / "train_spider.json"

_SAME_DATABASE = {"geography": "geo"}
"""Databases of other benchmarks that are in Spider's training set under another name."""
_DIALECT = "sqlite"


def examples_settings(questions: Sequence[Question]) -> ExamplesSettings:
    """Give settings that show training questions, but none of a database of `questions`; the store is made if need be.

    A question that is word for word one of the examples does not get that example either: see the step `retrieve`.
    """
    evaluated = sorted({one.db_id for one in questions})
    evaluated += [other for name, other in _SAME_DATABASE.items() if name in evaluated]
    examples = read_solved(TRAIN, dialect=_DIALECT)
    settings = ExamplesSettings(folder=str(_store_folder(examples)), exclude=",".join(evaluated))
    store = open_examples(settings)
    made = store.folder / "made"
    if not made.exists():
        print(f"embedding the questions of {TRAIN.name}, once", file=sys.stderr)
        store.add(map(_prepared, examples), lambda line: print(f"\r{line:<78}", end="", file=sys.stderr))
        print(file=sys.stderr)
        made.touch()
    store.warm()
    print(leak_report(store, evaluated, questions), file=sys.stderr)
    return settings


def leak_report(store: Iterable[Example], evaluated: Sequence[str], questions: Sequence[Question]) -> str:
    """Say how many examples may be shown, and how many of the rest are of an evaluated database or question."""
    names = {folded(name) for name in evaluated}
    asked = {normalised(one.text) for one in questions}
    examples = list(store)
    others = [one for one in examples if folded(one.db) not in names]
    same = sum(normalised(one.question) in asked for one in others)
    return (
        f"examples: {len(others)} of {len(examples)} may be shown; kept out are {len(examples) - len(others)} of the "
        f"{len(names)} evaluated databases; {same} of the others are word for word an evaluated question, and are not "
        "shown for it"
    )


def _store_folder(examples: Sequence[Example]) -> Path:
    """Give the folder of these examples, masked as they would be now; a look at each 20th tells, in 0.3 s."""
    digest = hashlib.sha256(TRAIN.read_bytes())
    for example in examples[::20]:
        digest.update(_prepared(example).compared.encode())
    return cache_folder() / "benchmarks" / f"spider-train-examples-{digest.hexdigest()[:12]}"


def _prepared(example: Example) -> Example:
    sql = literals_in_single_quotes(" ".join(example.sql.split()))
    return replace(example, sql=sql, masked=masked_by_sql(example.question, sql, _DIALECT))


def literals_in_single_quotes(sql: str) -> str:
    """Give the SQL with "text" as 'text': 1,490 golds of the training set write literals so, and no names.

    A model copies what it is shown, and in double quotes a literal is a column that is not there.
    """
    for token in reversed(tokenize(sql, read=_DIALECT)):
        if token.token_type is TokenType.IDENTIFIER and sql[token.start] == '"':
            literal = token.text.replace("'", "''")
            sql = f"{sql[: token.start]}'{literal}'{sql[token.end + 1 :]}"
    return sql
