"""Turns relative dates in a question into explicit ones, without a model."""

from __future__ import annotations

from agentsql_relative_dates.phrases import DatePhrase, find_date_phrases

PLUGIN_API = 1
"""The version of agentsql's plugin contract that this package is written for."""

__all__ = ["PLUGIN_API", "DatePhrase", "find_date_phrases"]
