"""Finds solved questions like this one, to show the SQL model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.db.render import estimated_tokens
from agentsql.resources import Resources
from agentsql.steps.examples import masked_by_links
from agentsql.steps.shared import linked_by_words
from agentsql.steps.step import step
from agentsql.types import Candidate, Links

_POOL = 40
"""Examples looked at for each one shown: masked, many questions are the same, and some are too long or have one SQL."""
_THIS = "this"


@step(
    reads=("question",),
    optional=("evidence", "history", "links", "candidates"),
    writes=("examples",),
    choices={"databases": ("any", "same")},
)
def retrieve(
    state: Mapping[str, Any],
    resources: Resources,
    *,
    k: int = 3,
    threshold: float = 0.7,
    tokens: int = 600,
    databases: str = "any",
) -> dict[str, Any]:
    """Give up to `k` solved questions of at least that similarity that fit into `tokens`, most similar last.

    Where there are candidates already, the first that parses ranks the examples by the skeleton of its SQL too. With
    `databases = "same"` only examples of the database that is asked are shown. Costs nothing while none are stored.
    """
    store = resources.examples
    if store is None or not len(store):
        return {"examples": ()}
    # Only now, because it loads numpy.
    from agentsql.retrieval.select import Limits, select_examples, without_leaks

    question, name = state["question"], resources.database.name
    links = state.get("links", Links())
    if links == Links():
        links = linked_by_words(state, resources)
    evaluated = evaluated_databases(resources.settings.examples.exclude, name)
    masked = masked_by_links(question, links)
    found = store.search(masked, k * _POOL, only=name, exclude=evaluated)
    if databases == "any":
        found += store.search(masked, k * _POOL, exclude=evaluated)
    chosen = select_examples(
        without_leaks(found, question, evaluated),
        Limits(k, threshold, tokens),
        question=question,
        size=estimated_tokens,
        preliminary=_preliminary(state.get("candidates", ())),
        dialect=resources.database.dialect,
    )
    for one in chosen:
        resources.note(f"similar ({one.similarity:.2f}), of {one.example.db}: {one.example.question}")
    return {"examples": tuple((one.example.question, one.example.sql) for one in chosen)}


def evaluated_databases(setting: str, asked: str) -> frozenset[str]:
    """Give the names in `[examples] exclude`; `this` stands for the database that is asked."""
    names = (name.strip() for name in setting.split(","))
    return frozenset(asked if name == _THIS else name for name in names if name)


def _preliminary(candidates: tuple[Candidate, ...]) -> str:
    """Give the SQL of the first query nothing is held against, or of the first one."""
    good = [one.sql for one in candidates if one.failure is None]
    return next(iter([*good, *(one.sql for one in candidates)]), "")
