"""The graphs that come with agentsql."""

from __future__ import annotations

from pathlib import Path

from agentsql.graph.spec import GraphSpec, read_graph

_PACKAGE = Path(__file__).resolve().parent.parent


def default() -> GraphSpec:
    """Give `graphs/default.toml`."""
    return _shipped("default")


def direct() -> GraphSpec:
    """Give `graphs/direct.toml`."""
    return _shipped("direct")


def feather() -> GraphSpec:
    """Give `graphs/feather.toml`."""
    return _shipped("feather")


def vote() -> GraphSpec:
    """Give `graphs/vote.toml`."""
    return _shipped("vote")


def _shipped(name: str) -> GraphSpec:
    # In a wheel the folder lies inside the package, in a checkout beside it.
    in_wheel = _PACKAGE / "graphs" / f"{name}.toml"
    return read_graph(in_wheel if in_wheel.exists() else _PACKAGE.parent / "graphs" / f"{name}.toml")
