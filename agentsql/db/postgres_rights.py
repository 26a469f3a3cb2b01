"""What a PostgreSQL role could do beyond reading, and the statements that make one that cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentsql.db.database import Enforced
from agentsql.db.quote import quote_identifier
from agentsql.db.safe_role import TEMP_SPACE, safe_role

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
_SESSION = """
    SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
           inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1',
           current_setting('temp_file_limit'),
           coalesce((
               SELECT array_agg(DISTINCT e.extname ORDER BY e.extname)
               FROM pg_extension AS e JOIN pg_depend AS d ON d.refobjid = e.oid AND d.deptype = 'e'
               JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
               WHERE e.extname IN ('dblink', 'adminpack', 'pg_file_settings', 'lo', 'http', 'plpython3u', 'plperlu')
                 AND has_function_privilege(session_user, p.oid, 'EXECUTE')
           ), '{}')
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
    return safe_role("postgres", database, namespaces)


def session_facts(connection: Any) -> tuple[Enforced, ...]:
    """Give what the server says of this session: its encryption, the bound of its temporary files, its extensions."""
    (encrypted, is_local, temp_limit, extensions) = connection.execute(_SESSION).fetchone()
    reaching = ", ".join(extensions)
    return (
        Enforced(
            "encryption",
            "TLS" if encrypted else "none, on this machine" if is_local else "none: add ?sslmode=require to the URL",
            holds=encrypted or is_local,
        ),
        Enforced(
            "temporary space",
            f"temp_file_limit of {temp_limit}" if temp_limit != "-1" else "none: temp_file_limit is not set",
            holds=temp_limit != "-1",
            remedy=(f"ALTER ROLE {_quoted(connection.info.user)} SET temp_file_limit = '{TEMP_SPACE}'",),
        ),
        Enforced(
            "extensions",
            f"this role may call those that reach out: {reaching}"
            if reaching
            else "none that this role may reach out by",
            holds=not reaching,
            remedy=tuple(
                f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {_quoted(schema)} FROM PUBLIC"
                for schema in ("public",)
                if reaching
            ),
        ),
    )


def _quoted(name: str) -> str:
    return quote_identifier(name, "postgres")
