"""Functions that reach outside the data (files, network, sleep, settings, other processes), and those queries need.

What a dialect's functions may be is a list of those that only compute (`harmless/`); what is on no list may have
effects, for users define functions. Of dialects without a list, the functions that sqlglot knows are taken.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib import resources

from sqlglot.dialects.dialect import Dialect

SQLITE_TABLES = frozenset(
    {"fsdir", "lsdir", "zipfile", "sqlite_dbpage", "sqlite_stmt", "dbstat", "bytecode", "tables_used", "completion"}
)
"""Tables that SQLite's extensions define: of files, and of the database's own workings."""
SQLITE_REFUSED = SQLITE_TABLES | frozenset(
    {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "sqlite_log", "eval", "regexp", "pragma_*"}
    | {"optimize", "fts5", "fts5_source_id", "rtreecheck", "rtreenode", "rtreedepth", "last_insert_rowid", "changes"}
    | {"total_changes", "sqlite_version", "sqlite_source_id", "sqlite_offset", "sqlite_compileoption_get", "sha3_query"}
    | {"sqlite_compileoption_used", "define", "lsmode", "symlink", "zipfile_cds", "undefine", "stmtrand"}
)
"""`regexp` is here because SQLAlchemy defines it in Python, where no time limit can stop it; `optimize` writes."""

_POSTGRES = (
    "pg_sleep* pg_read_* pg_ls_* pg_stat_file pg_file_* pg_logdir_ls pg_current_logfile lo_* dblink* set_config "
    "current_setting query_to_xml* table_to_xml* schema_to_xml* database_to_xml* cursor_to_xml* pg_terminate_backend "
    "pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_advisory_* pg_try_advisory_* pg_notify pg_logical_* "
    "pg_create_* pg_drop_* pg_replication_* pg_switch_wal pg_promote pg_export_snapshot pg_backup_* nextval setval "
    "pg_wal_* pg_start_backup pg_stop_backup plpy* pg_get_wal_* pg_stat_* pg_prewarm ts_stat txid_* lastval currval "
    "setseed cursor_to_* loread lowrite pg_log_* pg_import_* pg_stop_* pg_show_* pg_hba_* binary_upgrade_* crosstab* "
    "connectby xpath_table xslt_process ts_rewrite has_*_privilege pg_has_role current_query inet_* pg_get_* to_reg* "
    "pg_relation_filepath pg_stat_statements_reset http http_* pg_hint_plan* st_fromgdalraster "
    "pg_database_size pg_ident_* pg_lock_status pg_control_* pg_tablespace_* pg_prepared_* pg_cursor pg_event_*"
)
_MYSQL = (
    "sleep benchmark load_file get_lock release_lock release_all_locks is_free_lock sys_exec sys_eval sys_get sys_set "
    "master_pos_wait source_pos_wait wait_for_executed_gtid_set wait_until_sql_thread_after_gtids last_insert_id "
    "master_gtid_wait is_used_lock uuid_short row_count found_rows connection_id nextval setval lastval lib_mysqludf* "
    "wsrep_* sys_* ps_* gtid_* group_replication_* asynchronous_connection_* service_* audit_log* keyring_* mysql_* "
    "binlog_gtid_pos load_* name_const http_*"
)
_DUCKDB = (
    "read_* scan_* *_scan glob sniff_csv getenv getvariable query query_table parquet_* duckdb_secrets which_secret "
    "duckdb_settings current_setting csv_scan st_read* load_* write_* copy_* http_* iceberg_* delta_* readcsv "
    "readparquet read_text read_blob nextval setval currval setseed json_execute_serialized_sql json_serialize_* "
    "json_deserialize_sql from_substrait* get_substrait* pragma_* sleep_* pg_sleep write_log enable_* disable_* "
    "checkpoint force_checkpoint arrow_scan* python_* *_attach *_query *_execute postgres_* mysql_* sqlite_* "
    "excel_read* shapefile_* sql_auto_complete truncate_* register_* deregister_* create_external* destroy_external* "
    "current_query* duckdb_* txid_current open_prompt* shellfs* curl* webhook* http* gsheets* read_sheet* "
    "add_parquet_key"
)
_SNOWFLAKE = (
    "system$* identifier result_scan get_ddl get_presigned_url get_stage_location get_absolute_path get_relative_path "
    "infer_schema build_stage_file_url build_scoped_file_url current_account* current_available* current_client "
    "current_ip* current_org* current_region current_role* current_sec* current_sess* current_stat* current_trans* "
    "current_user* current_ware* invoker_* is_role_in_session last_query_id last_transaction validate "
    "validate_pipe_load policy_references copy_history query_history* login_history* task_history seq1 seq2 seq4 "
    "seq8 directory getnextval extract_semantic_categories"
)
_TSQL = "xp_* sp_* openrowset opendatasource openquery openxml fn_xe_* fn_get_audit_file"
_CLICKHOUSE = (
    "url urlcluster file filecluster s3* hdfs* remote remotesecure cluster* mysql postgresql mongodb redis sqlite "
    "jdbc odbc executable input sleep sleepeachrow azureblobstorage* gcs iceberg* deltalake hudi"
)
LISTED = ("sqlite", "postgres", "mysql", "duckdb")
"""Dialects with a list of all functions that only compute."""
_ADDED = ("snowflake", "bigquery")
"""Dialects with a list of those that sqlglot does not know."""
_REFUSED: dict[str, frozenset[str]] = {
    "sqlite": SQLITE_REFUSED,
    "postgres": frozenset(_POSTGRES.split()),
    "redshift": frozenset(_POSTGRES.split()),
    "mysql": frozenset(_MYSQL.split()),
    "duckdb": frozenset(_DUCKDB.split()),
    "tsql": frozenset(_TSQL.split()),
    "clickhouse": frozenset(_CLICKHOUSE.split()),
    "bigquery": frozenset("external_query session_user keys.* aead.* appends changes vector_search* ml.* ai.*".split()),
    "snowflake": frozenset(_SNOWFLAKE.split()),
    "oracle": frozenset({"utl_*", "dbms_*", "httpuritype", "sys_context", "bfilename"}),
}


@lru_cache(maxsize=4096)
def refused_function(name: str, dialect: str) -> bool:
    """True if the function reaches outside the data in this dialect; unknown dialects refuse what any of them does."""
    lowered = name.casefold()
    patterns = _REFUSED.get(dialect) or frozenset().union(*_REFUSED.values())
    return any(fnmatchcase(lowered, pattern) for pattern in patterns)


@lru_cache(maxsize=4096)
def harmless_function(name: str, dialect: str) -> bool:
    """True if the function, by its name in small letters, is known to do nothing but compute."""
    listed = _listed(dialect) if dialect in LISTED else frozenset()
    return not refused_function(name, dialect) and (name in listed if listed else name in _known_to_sqlglot(dialect))


def permitted_function(name: str, permitted: Collection[str]) -> bool:
    """True if one of the globs `permitted`, such as `margin` or `sales.*`, is for this name."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in permitted)


@cache
def _listed(dialect: str) -> frozenset[str]:
    """Read the list of a dialect, or nothing where there is none."""
    file = resources.files("agentsql.db").joinpath("harmless", f"{dialect}.txt")
    lines = file.read_text(encoding="utf-8").splitlines() if dialect in (*LISTED, *_ADDED) else []
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _known_to_sqlglot(dialect: str) -> frozenset[str]:
    parser = Dialect.get_or_raise(dialect).parser_class
    known = {name.casefold() for name in (*parser.FUNCTIONS, *parser.FUNCTION_PARSERS)}
    return frozenset(known.union(_listed(dialect), *(_listed(other) for other in LISTED)))


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
