"""agentsql answers questions about a database in plain language with models that you run yourself.

from agentsql import SQLAgent

with SQLAgent("bookshop.sqlite") as agent:
    answer = agent.ask("Which five authors sold the most books?")
    print(answer.sql, answer.rows, answer.text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentsql.errors import AgentSQLError
from agentsql.settings import Settings
from agentsql.types import Answer, Candidate, ExecutionResult, Principal, QueryFailure

if TYPE_CHECKING:
    from agentsql.agent import SQLAgent
    from agentsql.db.policy import Policy, load_policy

__version__ = "0.1.0"
__all__ = [
    "AgentSQLError",
    "Answer",
    "Candidate",
    "ExecutionResult",
    "Policy",
    "Principal",
    "QueryFailure",
    "SQLAgent",
    "Settings",
    "load_policy",
]


def __getattr__(name: str) -> Any:
    # SQLAgent brings SQLAlchemy, sqlglot and LangGraph, more than a second of imports; `import agentsql` does not.
    if name == "SQLAgent":
        from agentsql.agent import SQLAgent

        return SQLAgent
    if name in ("Policy", "load_policy"):
        from agentsql.db import policy

        return getattr(policy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
