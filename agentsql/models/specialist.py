"""Adapters that come with agentsql: each plays the SQL role better than the embedded model that it is for.

Better by a paired test on questions that it was not trained on; the numbers are in `adapters/README.md`.
"""

from __future__ import annotations

from importlib import resources

from agentsql.errors import ModelFileError
from agentsql.models.catalogue import catalogue

SPECIALIST = "sql"
"""Names the adapter that comes with a model, as in `local:NAME+sql`."""
NO_ADAPTER = "none"
"""Names the model itself, as in `local:NAME+none`."""


def for_sql(spec: str) -> str:
    """Give the spec of what plays the SQL role where `spec` is wished for: with the model's adapter, if it has one."""
    name = spec.removeprefix("local:")
    has_one = spec.startswith("local:") and name in catalogue() and catalogue()[name].sql_adapter
    return f"{spec}+{SPECIALIST}" if has_one else spec


def adapter_file(model: str, adapter: str) -> str:
    """Give the path of what stands behind `+` in a spec: a path as it is, `sql` as its file, `none` as nothing.

    Raises:
        ModelFileError: `sql`, for a model that has no such adapter.
    """
    if adapter == NO_ADAPTER:
        return ""
    if adapter != SPECIALIST:
        return adapter
    found = catalogue()[model].sql_adapter if model in catalogue() else ""
    if not found:
        having = ", ".join(one.name for one in catalogue().values() if one.sql_adapter)
        raise ModelFileError(f"no SQL adapter comes with {model!r}; those with one: {having}")
    return str(resources.files("agentsql.models") / "adapters" / found)
