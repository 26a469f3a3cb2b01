"""What a plugin author tests with: a scripted model, a tiny database, and checks of the contracts."""

from agentsql.testing.database import check_database
from agentsql.testing.plugins import (
    Reply,
    ScriptedModel,
    check_benchmark,
    check_model,
    check_step,
    tiny_database,
)

__all__ = [
    "Reply",
    "ScriptedModel",
    "check_benchmark",
    "check_database",
    "check_model",
    "check_step",
    "tiny_database",
]
