"""`agentsql doctor`: what keeps questions from harming a database, and how to get what does not hold yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli import options

if TYPE_CHECKING:
    from agentsql.db.database import Database, Enforced

NOT_ENFORCED = 8
"""The exit code where something is not enforced."""


def doctor(
    db: options.Db,
    json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
    schemas: options.Schemas = None,
) -> None:
    """Show what a database enforces and what not, and the statements that make a safe role; exits with 8 if not all."""
    from agentsql import formats
    from agentsql.cli.safe import printable
    from agentsql.db.connect import open_database
    from agentsql.settings import load_settings

    settings = load_settings(flags={"database.schemas": schemas}).settings
    database = open_database(db, settings=settings.database, schema_settings=settings.schema)
    try:
        found = database.enforcement()
        statements = _statements(database, db if "://" not in db else database.name, found)
        name, product = database.name, database.product
    finally:
        database.close()
    holds = all(one.holds for one in found)
    if json:
        told = {
            "database": name,
            "product": product,
            "holds": holds,
            "enforced": [{"what": one.what, "by": one.by, "holds": one.holds} for one in found],
            "safe_role": list(statements),
        }
        typer.echo(formats.to_json(told))
    else:
        typer.echo(printable(_shown(name, product, found, statements)))
    if not holds:
        raise typer.Exit(NOT_ENFORCED)


def _statements(database: Database, place: str, found: tuple[Enforced, ...]) -> tuple[str, ...]:
    """Give the statements that the database says would help, else those that make a safe role in its dialect."""
    from agentsql.db.safe_role import safe_role

    missing = [one for one in found if not one.holds and one.remedy]
    if any(one.what == "no writes" for one in missing):  # a new role, which needs no other remedy
        missing = [one for one in missing if one.what == "no writes"]
    if missing:
        return tuple(dict.fromkeys(statement for one in missing for statement in one.remedy))
    namespaces = database.schema().namespaces
    return safe_role(database.dialect, place, namespaces)


def _shown(name: str, product: str, found: tuple[Enforced, ...], statements: tuple[str, ...]) -> str:
    width = max((len(one.what) for one in found), default=0)
    lines = [f"{product}, database {name}"]
    lines += [f"  {'ok' if one.holds else 'NO'}  {one.what.ljust(width)}  {one.by}" for one in found]
    missing = sum(not one.holds for one in found)
    if missing:
        lines.append(f"{missing} of {len(found)} do not hold; as an administrator, run:")
    else:
        lines.append("all of it holds; a role that can only read is made so:")
    is_shell = any(statement.startswith("chmod ") for statement in statements)
    lines += [f"  {statement}{'' if is_shell else ';'}" for statement in statements]
    return "\n".join(lines)
