"""Functions that reach outside the data (files, network, sleep, settings, other processes), and those queries need."""

from __future__ import annotations

from dataclasses import dataclass

SQLITE_REFUSED = frozenset(
    {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "sqlite_log", "fsdir", "lsdir"}
    | {"zipfile", "sqlite_dbpage", "sqlite_stmt", "dbstat", "bytecode", "tables_used", "eval", "regexp", "pragma_*"}
)
"""`regexp` is here because SQLAlchemy defines it in Python, where no time limit can stop it."""

_POSTGRES = (
    "pg_sleep* pg_read_* pg_ls_* pg_stat_file pg_file_* pg_logdir_ls pg_current_logfile lo_* dblink* set_config "
    "current_setting query_to_xml* table_to_xml* schema_to_xml* database_to_xml* cursor_to_xml* pg_terminate_backend "
    "pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_advisory_* pg_try_advisory_* pg_notify pg_logical_* "
    "pg_create_* pg_drop_* pg_replication_* pg_switch_wal pg_promote pg_export_snapshot pg_backup_* nextval setval "
    "pg_wal_* pg_start_backup pg_stop_backup plpy* pg_get_wal_* pg_stat_reset* pg_prewarm ts_stat txid_status"
)
_MYSQL = (
    "sleep benchmark load_file get_lock release_lock release_all_locks is_free_lock sys_exec sys_eval sys_get sys_set "
    "master_pos_wait source_pos_wait wait_for_executed_gtid_set wait_until_sql_thread_after_gtids last_insert_id"
)
_DUCKDB = (
    "read_* scan_* *_scan glob sniff_csv getenv getvariable query query_table parquet_* duckdb_secrets which_secret "
    "duckdb_settings current_setting csv_scan st_read* load_* write_* copy_* http_* iceberg_* delta_* readcsv "
    "readparquet read_text read_blob nextval"
)
_TSQL = "xp_* sp_* openrowset opendatasource openquery openxml fn_xe_* fn_get_audit_file"
_CLICKHOUSE = (
    "url urlcluster file filecluster s3* hdfs* remote remotesecure cluster* mysql postgresql mongodb redis sqlite "
    "jdbc odbc executable input sleep sleepeachrow azureblobstorage* gcs iceberg* deltalake hudi"
)
_REFUSED: dict[str, frozenset[str]] = {
    "sqlite": SQLITE_REFUSED,
    "postgres": frozenset(_POSTGRES.split()),
    "redshift": frozenset(_POSTGRES.split()),
    "mysql": frozenset(_MYSQL.split()),
    "duckdb": frozenset(_DUCKDB.split()),
    "tsql": frozenset(_TSQL.split()),
    "clickhouse": frozenset(_CLICKHOUSE.split()),
    "bigquery": frozenset({"external_query"}),
    "oracle": frozenset({"utl_*", "dbms_*", "httpuritype", "sys_context", "bfilename"}),
}


def refused_function(name: str, dialect: str) -> bool:
    """True if the function reaches outside the data in this dialect; unknown dialects refuse what any of them does."""
    folded = name.casefold()
    patterns = _REFUSED.get(dialect) or frozenset().union(*_REFUSED.values())
    return any(_matches(folded, pattern) for pattern in patterns)


def _matches(name: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    if pattern.startswith("*"):
        return name.endswith(pattern[1:])
    return name == pattern


@dataclass(frozen=True, slots=True)
class UsualFunctions:
    """Functions that only compute, by their names in small letters."""

    aggregates: tuple[str, ...]
    """They take `*` or one value, with DISTINCT if wanted."""
    rankings: tuple[str, ...]
    """They take nothing and need OVER."""
    scalars: dict[tuple[int, int], tuple[str, ...]]
    """By the least and the most values they take."""


_AGGREGATES = {
    "": "count sum avg min max",
    "sqlite": "total group_concat",
    "postgres": "string_agg array_agg bool_and bool_or stddev variance",
    "redshift": "listagg stddev variance",
    "duckdb": "string_agg list median mode stddev variance bool_and bool_or",
    "snowflake": "listagg median stddev variance",
    "mysql": "group_concat stddev variance",
}
_RANKINGS = ("row_number", "rank", "dense_rank")
_SCALARS = {
    "": "abs round:1-2 lower upper trim ltrim rtrim replace:3 coalesce:2-5 nullif:2 floor ceil",
    "sqlite": "length substr:2-3 instr:2 ifnull:2 iif:3 date:1-3 time:1-3 datetime:1-3 strftime:2-4 julianday:1-3",
    "postgres": "length char_length substring:2-3 left:2 right:2 initcap split_part:3 concat:2-5 to_char:2 to_date:2 "
    "date_trunc:2 date_part:2 age:1-2 now:0 greatest:2-5 least:2-5 power:2 sqrt mod:2",
    "redshift": "len length substring:2-3 left:2 right:2 concat:2 to_char:2 to_date:2 date_trunc:2 date_part:2 "
    "getdate:0 greatest:2-5 least:2-5",
    "duckdb": "length substring:2-3 instr:2 left:2 right:2 concat:2-5 strftime:2 strptime:2 date_trunc:2 date_part:2 "
    "year month day now:0 greatest:2-5 least:2-5 ifnull:2 power:2 sqrt mod:2",
    "snowflake": "length substr:2-3 left:2 right:2 concat:2-5 to_char:1-2 to_date:1-2 date_trunc:2 date_part:2 year "
    "month day iff:3 nvl:2 ifnull:2 greatest:2-5 least:2-5",
    "mysql": "length char_length substring:2-3 instr:2 left:2 right:2 concat:2-5 ifnull:2 if:3 date year month day "
    "dayofweek hour minute date_format:2 str_to_date:2 datediff:2 now:0 curdate:0 greatest:2-5 least:2-5 mod:2 sqrt",
    "tsql": "len substring:3 charindex:2-3 left:2 right:2 concat:2-5 isnull:2 iif:3 year month day getdate:0 format:2",
}
"""A name, and how many values it takes where that is not one."""


def usual_functions(dialect: str) -> UsualFunctions:
    """Give the functions that questions about data need, as far as this dialect is known; else those all have."""
    scalars: dict[tuple[int, int], tuple[str, ...]] = {}
    for entry in f"{_SCALARS['']} {_SCALARS.get(dialect, '')}".split():
        name, _, counts = entry.partition(":")
        least, _, most = (counts or "1").partition("-")
        key = (int(least), int(most or least))
        scalars[key] = (*scalars.get(key, ()), name)
    aggregates = f"{_AGGREGATES['']} {_AGGREGATES.get(dialect, '')}".split()
    return UsualFunctions(tuple(aggregates), _RANKINGS, scalars)
