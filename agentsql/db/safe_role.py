"""What an administrator runs to make a role that can read one database and do nothing else, dialect by dialect."""

from __future__ import annotations

from collections.abc import Sequence

from agentsql.db.quote import quote_identifier

ROLE = "agentsql_reader"
STATEMENT_TIMEOUT_S = 60
TEMP_SPACE = "2GB"


def safe_role(dialect: str, database: str, namespaces: Sequence[str] = ()) -> tuple[str, ...]:
    """Give SQL statements for an administrator, or shell commands for a file; empty where the dialect is not known.

    Args:
        database: the name of the database, or the path of the file.
        namespaces: the schemas to be read; empty takes the dialect's default one.
    """
    maker = {"postgres": _postgres, "mysql": _mysql, "sqlite": _file, "duckdb": _file, "tsql": _tsql}.get(dialect)
    if maker is None:
        maker = {"snowflake": _snowflake, "bigquery": _bigquery, "oracle": _oracle}.get(dialect, _none)
    return maker(database, namespaces)


def _postgres(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    def quoted(name: str) -> str:
        return quote_identifier(name, "postgres")

    statements = [
        f"CREATE ROLE {ROLE} LOGIN PASSWORD '...' NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE",
        f"ALTER ROLE {ROLE} SET default_transaction_read_only = on",
        f"ALTER ROLE {ROLE} SET statement_timeout = '{STATEMENT_TIMEOUT_S}s'",
        f"ALTER ROLE {ROLE} SET temp_file_limit = '{TEMP_SPACE}'",
        f"GRANT CONNECT ON DATABASE {quoted(database)} TO {ROLE}",
    ]
    for name in map(quoted, namespaces or ("public",)):
        statements += [
            f"REVOKE CREATE ON SCHEMA {name} FROM PUBLIC",
            f"GRANT USAGE ON SCHEMA {name} TO {ROLE}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {ROLE}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO {ROLE}",
        ]
    return tuple(statements)


def _mysql(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    places = namespaces or (database,)
    return (
        f"CREATE USER '{ROLE}'@'%' IDENTIFIED BY '...'",
        *(
            f"GRANT SELECT, SHOW VIEW ON {quote_identifier(one, 'mysql', always=True)}.* TO '{ROLE}'@'%'"
            for one in places
        ),
    )


def _file(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    del namespaces
    path = "'" + database.replace("'", "'\\''") + "'"
    return (
        f"chmod a-w {path}",
        f"# or, better: give the file to another user, and run agentsql as one who may only read it: chmod 640 {path}",
    )


def _tsql(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    return (
        f"CREATE LOGIN {ROLE} WITH PASSWORD = '...'",
        f"USE {quote_identifier(database, 'tsql', always=True)}",
        f"CREATE USER {ROLE} FOR LOGIN {ROLE}",
        *(
            f"GRANT SELECT ON SCHEMA::{quote_identifier(one, 'tsql', always=True)} TO {ROLE}"
            for one in namespaces or ("dbo",)
        ),
    )


def _snowflake(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    name = quote_identifier(database, "snowflake")
    statements = [f"CREATE ROLE {ROLE}", f"GRANT USAGE ON DATABASE {name} TO ROLE {ROLE}"]
    for one in (f"{name}.{quote_identifier(schema, 'snowflake')}" for schema in namespaces or ("PUBLIC",)):
        statements += [
            f"GRANT USAGE ON SCHEMA {one} TO ROLE {ROLE}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {one} TO ROLE {ROLE}",
            f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {one} TO ROLE {ROLE}",
        ]
    return tuple(statements)


def _bigquery(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"GRANT `roles/bigquery.dataViewer` ON SCHEMA {quote_identifier(one, 'bigquery', always=True)} "
        f'TO "serviceAccount:{ROLE.replace("_", "-")}@PROJECT.iam.gserviceaccount.com"'
        for one in namespaces or (database,)
    )


def _oracle(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    del database, namespaces
    return (
        f"CREATE USER {ROLE} IDENTIFIED BY ...",
        f"GRANT CREATE SESSION TO {ROLE}",
        f"-- then for each table: GRANT READ ON owner.table TO {ROLE}",
    )


def _none(database: str, namespaces: Sequence[str]) -> tuple[str, ...]:
    del database, namespaces
    return ()
