"""Splits a hard question into parts, each a common table expression of one query."""

from __future__ import annotations

from agentsql_decompose.compose import Part, PartsDoNotFitError, compose

PLUGIN_API = 1
"""The version of agentsql's plugin contract that this package is written for."""

__all__ = ["PLUGIN_API", "Part", "PartsDoNotFitError", "compose"]
