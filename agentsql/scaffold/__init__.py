"""Writes the package of a new plugin: a small one that works and is tested, to be changed piece by piece."""

from agentsql.scaffold.write import KINDS, write_plugin

__all__ = ["KINDS", "write_plugin"]
