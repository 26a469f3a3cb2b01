"""Does beforehand what the first question would otherwise wait for."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from agentsql.errors import AgentSQLError, ModelError
from agentsql.prompts import build_prompt
from agentsql.state import first_state
from agentsql.steps.shared import shown_schema
from agentsql.steps.short_list import rank_tables

if TYPE_CHECKING:
    from agentsql.parts import Parts

logger = logging.getLogger(__name__)


async def warm_up(parts: Parts) -> None:
    """Start the models and let them read the schema; embed tables and open the examples where they will be used.

    What cannot be done is logged: the first question says it again.
    """
    resources = parts.resources(parts.views.of(None))
    shown = shown_schema(resources)
    prompt = build_prompt("generate", dialect=parts.database.dialect, product=parts.database.product, schema=shown.text)
    for endpoint in parts.each_endpoint():
        try:
            await endpoint.complete(prompt.messages, max_tokens=1)
        except ModelError as exc:
            logger.warning("the model could not be warmed: %s", exc)
    if shown.dropped:
        await rank_tables(first_state("", ""), resources, meaning=True)  # embeds the tables, once
    if any(node.step_name == "retrieve" for node in parts.graph.nodes):
        await asyncio.to_thread(_warm_examples, parts)


def _warm_examples(parts: Parts) -> None:
    try:
        parts.examples.warm()
    except AgentSQLError as exc:
        logger.warning("the examples could not be warmed: %s", exc)
