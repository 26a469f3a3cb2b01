"""Measures what masking does: how alike the SQL of the examples is that are found for a question of Spider dev.

.venv/bin/python benchmarks/masking.py                  # 2,000 training questions; about a minute on a quiet machine
.venv/bin/python benchmarks/masking.py --train 7000

Needs Spider in ../shared/benchmarks/spider, beside the checkout. A question is found by the default model's vectors, as
it is and masked the way the store and the step `retrieve` mask; a skeleton is SQL without names and values.
"""

from __future__ import annotations

import argparse
import json
import random
from functools import cache
from pathlib import Path

import numpy as np

import agentsql
from agentsql.db.connect import open_database
from agentsql.db.words import WordIndex, index_words
from agentsql.retrieval.embed import load_embedder
from agentsql.retrieval.layouts import read_solved
from agentsql.retrieval.mask import skeleton, skeleton_similarity
from agentsql.steps.examples import masked_by_links, masked_by_sql

SPIDER = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "spider"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=int, default=2000, help="examples, drawn from Spider train with a fixed seed")
    arguments = parser.parse_args()
    if not SPIDER.is_dir():
        raise SystemExit(f"needs Spider in {SPIDER}, in its official layout")
    train = read_solved(SPIDER / "train_spider.json", dialect="sqlite")
    random.Random(0).shuffle(train)
    train = train[: arguments.train]
    dev = read_solved(SPIDER / "dev.json", dialect="sqlite")
    skeletons = [skeleton(one.sql, "sqlite") for one in train]
    wanted = [skeleton(one.sql, "sqlite") for one in dev]
    sides = {
        "as asked": ([one.question for one in train], [one.question for one in dev]),
        "masked": (
            [masked_by_sql(one.question, one.sql, "sqlite") for one in train],
            [masked_by_links(one.question, _words(one.db).find(one.question)) for one in dev],
        ),
    }
    print(f"{len(dev)} questions, {len(train):,} examples")
    model = load_embedder()
    numbers: dict[str, float] = {}
    for name, (examples, questions) in sides.items():
        similarity = model.encode(questions) @ model.encode(examples).T
        nearest = np.argsort(-similarity, axis=1)[:, :5]
        alike = [
            [skeleton_similarity(own, skeletons[one]) for one in near]
            for own, near in zip(wanted, nearest, strict=True)
        ]
        same = [[own == skeletons[one] for one in near] for own, near in zip(wanted, nearest, strict=True)]
        numbers |= {
            f"{name}: nearest has the same skeleton": float(np.mean([one[0] for one in same])),
            f"{name}: one of the 5 nearest has": float(np.mean([any(one) for one in same])),
            f"{name}: likeness of the 5 skeletons, mean": float(np.mean(alike)),
            f"{name}: similarity of the nearest, mean": float(similarity.max(axis=1).mean()),
        }
    for what, number in numbers.items():
        print(f"{what:<50} {number:.3f}")
    folder = Path(__file__).resolve().parent / "results"
    folder.mkdir(exist_ok=True)
    with (folder / "masking.jsonl").open("a") as file:
        rounded = {what: round(number, 4) for what, number in numbers.items()}
        file.write(json.dumps({"train": len(train), **rounded, "version": agentsql.__version__}) + "\n")


@cache
def _words(db: str) -> WordIndex:
    database = open_database(SPIDER / "database" / db / f"{db}.sqlite")
    try:
        return index_words(database.schema())
    finally:
        database.close()


if __name__ == "__main__":
    main()
