"""A schema that the metrics on SQL texts are tested with."""

from __future__ import annotations

import pytest

from agentsql.db.schema import Column, ForeignKey, Schema, Table


@pytest.fixture
def schema() -> Schema:
    """Singers who sing in concerts, which a table between ties together."""

    def table(name: str, columns: str, *keys: ForeignKey) -> Table:
        return Table(name, tuple(Column(one, "") for one in columns.split()), foreign_keys=keys)

    return Schema(
        "sqlite",
        (
            table("Concert", "Concert_ID Title Year Stadium_ID"),
            table(
                "Sings",
                "Concert_ID Singer_ID",
                ForeignKey(("Concert_ID",), "Concert", ("Concert_ID",)),
                ForeignKey(("Singer_ID",), "Singer", ("Singer_ID",)),
            ),
            table("Singer", "Singer_ID Name Age Country"),
        ),
    )
