"""What a PostgreSQL role could do beyond reading, and the statements that make one that cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentsql.db.quote import quote_identifier

READER = "pg_read_all_data"
"""A role that comes with PostgreSQL 14 and later: it reads all tables and has no other privilege."""

_ROLE = """
    SELECT r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls,
           has_database_privilege(session_user, current_database(), 'CREATE')
    FROM pg_roles AS r WHERE r.rolname = session_user
"""
_MEMBERSHIPS = """
    SELECT rolname FROM pg_roles
    WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files', 'pg_execute_server_program',
                      'pg_signal_backend')
      AND pg_has_role(session_user, oid, 'MEMBER') ORDER BY rolname
"""
_TABLES = """
    SELECT n.nspname || '.' || c.relname, count(*) OVER ()
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(namespaces)s) AND c.relkind IN ('r', 'p', 'f', 'v')
      AND has_table_privilege(session_user, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1 LIMIT 3
"""
_SCHEMAS = """
    SELECT nspname FROM pg_namespace
    WHERE nspname = ANY(%(namespaces)s) AND has_schema_privilege(session_user, oid, 'CREATE') ORDER BY 1
"""
_HAS_ROW_SECURITY = """
    SELECT EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE n.nspname = ANY(%(namespaces)s) AND c.relrowsecurity)
"""


def privileges_to_write(connection: Any, namespaces: Sequence[str]) -> tuple[str, ...]:
    """Give the privileges by which the role could write or reach out if nothing else stopped it."""
    wanted = {"namespaces": list(namespaces)}
    _, is_super, creates_roles, creates_databases, bypasses, creates = connection.execute(_ROLE).fetchone()
    if is_super:
        return ("SUPERUSER",)
    attributes = (("CREATEROLE", creates_roles), ("CREATEDB", creates_databases), ("BYPASSRLS", bypasses))
    found = [name for name, has in attributes if has]
    found += [f"member of {row[0]}" for row in connection.execute(_MEMBERSHIPS).fetchall()]
    if creates:
        found.append("CREATE on the database")
    found += [f"CREATE on schema {row[0]}" for row in connection.execute(_SCHEMAS, wanted).fetchall()]
    if tables := connection.execute(_TABLES, wanted).fetchall():
        shown = ", ".join(row[0] for row in tables)
        more = f" and {tables[0][1] - len(tables)} more" if tables[0][1] > len(tables) else ""
        found.append(f"INSERT, UPDATE, DELETE or TRUNCATE on {shown}{more}")
    return tuple(found)


def demoted_role(connection: Any, namespaces: Sequence[str]) -> str | None:
    """Give the role that a superuser's queries run as, so that they can neither read files nor run programs.

    None for other roles; before PostgreSQL 14; and where tables have row security, which would hide their rows.
    """
    (is_super,) = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user").fetchone()
    if not is_super or connection.info.server_version < 140_000:
        return None
    (has_row_security,) = connection.execute(_HAS_ROW_SECURITY, {"namespaces": list(namespaces)}).fetchone()
    return None if has_row_security else READER


def reader_grants(connection: Any, namespaces: Sequence[str]) -> tuple[str, ...]:
    """Give the statements that make a role which can read these schemas and do nothing else."""
    (database,) = connection.execute("SELECT current_database()").fetchone()
    statements = [
        "CREATE ROLE agentsql_reader LOGIN PASSWORD '...' NOSUPERUSER NOCREATEDB NOCREATEROLE",
        "ALTER ROLE agentsql_reader SET default_transaction_read_only = on",
        f"GRANT CONNECT ON DATABASE {_quoted(database)} TO agentsql_reader",
    ]
    for name in map(_quoted, namespaces):
        statements += [
            f"GRANT USAGE ON SCHEMA {name} TO agentsql_reader",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO agentsql_reader",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO agentsql_reader",
        ]
    return tuple(statements)


def _quoted(name: str) -> str:
    return quote_identifier(name, "postgres")
