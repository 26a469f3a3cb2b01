"""Functions that reach outside the data: files, network, sleep, settings, other processes."""

from __future__ import annotations

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
