"""Chooses a chart for a query's rows from their types and shape, without a model."""

from __future__ import annotations

from agentsql_chart.choose import choose_chart

PLUGIN_API = 1
"""The version of agentsql's plugin contract that this package is written for."""

__all__ = ["PLUGIN_API", "choose_chart"]
