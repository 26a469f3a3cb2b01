"""Metrics and synonyms from a YAML file, told to the model and held against the SQL that it writes."""

from __future__ import annotations

from agentsql_semantic_layer.layer import Layer, Metric, SemanticLayerError, read_layer

PLUGIN_API = 1
"""The version of agentsql's plugin contract that this package is written for."""

__all__ = ["PLUGIN_API", "Layer", "Metric", "SemanticLayerError", "read_layer"]
