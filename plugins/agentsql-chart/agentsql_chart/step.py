"""The step `chart`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentsql.steps.step import step
from agentsql_chart.choose import choose_chart

if TYPE_CHECKING:
    from agentsql.resources import Resources


@step(reads=("candidates", "chosen"), writes=("extras",))
def chart(state: Mapping[str, Any], resources: Resources) -> dict[str, object]:
    """Put a Vega-Lite chart of the chosen query's rows into `answer.extras["chart"]`, where one suits them.

    Rows that were cut off get none: bars that are missing from a chart are missed by nobody.
    """
    result = next((one.result for one in state["candidates"] if one.name == state["chosen"]), None)
    if result is None or result.truncated:
        return {"extras": {}}
    spec = choose_chart(result.columns, result.rows)
    if spec is None:
        return {"extras": {}}
    resources.note(f"chart: {spec['mark']['type']}")
    return {"extras": {"chart": spec}}
