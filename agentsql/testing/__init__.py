"""What a plugin author tests with: a scripted model, a tiny database, and checks of the contracts."""

from agentsql.testing.benchmark import check_benchmark
from agentsql.testing.database import check_database
from agentsql.testing.graph import check_graph
from agentsql.testing.model import check_model
from agentsql.testing.scripted import Reply, ScriptedModel, tiny_database
from agentsql.testing.step import check_step

__all__ = [
    "Reply",
    "ScriptedModel",
    "check_benchmark",
    "check_database",
    "check_graph",
    "check_model",
    "check_step",
    "tiny_database",
]
