"""Claude models for agentsql: the model spec `anthropic:MODEL[@URL]`."""

from __future__ import annotations

PLUGIN_API = 1
"""The version of agentsql's plugin contract that this package is written for."""

__all__ = ["PLUGIN_API"]
