"""`agentsql policy`: whether a policy fits its database, what somebody sees under it, and what becomes of a query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli import options
from agentsql.errors import PolicyError
from agentsql.types import Principal

if TYPE_CHECKING:
    from agentsql.db.database import Database
    from agentsql.db.policy import Policy
    from agentsql.db.policy_gate import Access

app = typer.Typer(help="Check a policy against a database, and see what it does.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A policy.toml.")]


@app.command()
def check(
    file: File,
    db: options.Db,
    principal: options.As = None,
    schemas: options.Schemas = None,
    form: options.Form = options.ListFormat.TABLE,
) -> None:
    """Say what somebody sees under the policy; exits with 2 if it does not fit the database."""
    from agentsql.cli.lists import write_list
    from agentsql.db.policy_access import access_for, check_policy

    with _opened(file, db, schemas) as (policy, database):
        schema = database.schema()
        check_policy(policy, schema)
        rows: list[tuple[str, ...]] = []
        for who in _asked(policy, principal):
            try:
                rows += _seen(who, access_for(policy, who, schema))
            except PolicyError as problem:
                if principal is not None:
                    raise
                rows.append((who.name or "(anyone)", "-", "-", str(problem), "-"))
    write_list(("principal", "table", "columns", "rows", "masks"), rows, form)


@app.command()
def explain(
    file: File,
    db: options.Db,
    sql: Annotated[str, typer.Option("--sql", help="The query to rewrite.")],
    principal: options.As = None,
    schemas: options.Schemas = None,
) -> None:
    """Print the query that would run in place of this one; exits with 1 if none would."""
    from agentsql.cli.safe import printable
    from agentsql.cli.show import failure_text, make_console, show_error
    from agentsql.db.parsing import parse_statement
    from agentsql.db.policed import PolicedDatabase

    with _opened(file, db, schemas) as (policy, database):
        who = policy.principal(principal) if principal else Principal()
        policed = PolicedDatabase(database, policy, who)
        failure = policed.check(sql)
        if failure is not None:
            show_error(make_console(stderr=True), failure_text(failure))
            raise typer.Exit(1)
        rewritten = policed.rewritten(sql)
        dialect = policed.dialect
    typer.echo(printable(parse_statement(rewritten, dialect).sql(dialect=dialect, pretty=True)))


@contextmanager
def _opened(file: Path, db: str, schemas: str | None) -> Iterator[tuple[Policy, Database]]:
    from agentsql.db.connect import open_database
    from agentsql.db.policy import load_policy
    from agentsql.settings import load_settings

    policy = load_policy(file)
    settings = load_settings(flags={"database.schemas": schemas}).settings
    database = open_database(db, settings=settings.database, schema_settings=settings.schema)
    try:
        yield policy, database
    finally:
        database.close()


def _asked(policy: Policy, name: str | None) -> list[Principal]:
    """Give the one named, or one that nothing is known of and everyone the policy describes."""
    return [policy.principal(name)] if name else [Principal(), *policy.principals.values()]


def _seen(who: Principal, access: Access) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, gate in access.gates.items():
        columns = ", ".join(column.name for column in gate.table.columns)
        everything = "all" if gate.body is None else "those of its definition"
        condition = gate.condition.sql(dialect=gate.dialect) if gate.condition is not None else everything
        rows.append((who.name or "(anyone)", name, columns, condition, ", ".join(gate.cells) or "-"))
    rows += (
        (who.name or "(anyone)", name, "-", f"hidden: {why}", "-") for name, why in sorted(access.unproven.items())
    )
    return rows
