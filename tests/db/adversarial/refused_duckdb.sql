-- Statements for duckdb that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
-- A heading names the reason of those below it. Made for the tables of shop.sql.

-- reason: placeholders and variables
SELECT $1
SELECT %(name)s

-- reason: functions that read files and other databases
SELECT * FROM read_csv_auto('/etc/passwd')
SELECT * FROM read_json('/etc/passwd')
SELECT * FROM read_json_auto('/etc/passwd')
SELECT * FROM read_json_objects('/etc/passwd')
SELECT * FROM read_json_objects_auto('/etc/passwd')
SELECT * FROM read_ndjson('/etc/passwd')
SELECT * FROM read_ndjson_auto('/etc/passwd')
SELECT * FROM read_ndjson_objects('/etc/passwd')
SELECT * FROM read_parquet('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT * FROM parquet_scan('/etc/passwd')
SELECT * FROM parquet_metadata('/etc/passwd')
SELECT * FROM parquet_schema('/etc/passwd')
SELECT * FROM parquet_file_metadata('/etc/passwd')
SELECT * FROM parquet_kv_metadata('/etc/passwd')
SELECT * FROM parquet_full_metadata('/etc/passwd')
SELECT * FROM parquet_bloom_probe('/etc/passwd')
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM glob('/etc/passwd')
SELECT * FROM read_duckdb('/etc/passwd')
SELECT * FROM read_single_csv_file('/etc/passwd')
SELECT * FROM read_single_json_file('/etc/passwd')
SELECT * FROM read_single_parquet_file('/etc/passwd')
SELECT * FROM read_xlsx('/etc/passwd')
SELECT * FROM st_read('/etc/passwd')
SELECT * FROM st_read_meta('/etc/passwd')
SELECT * FROM read_avro('/etc/passwd')
SELECT * FROM delta_scan('/etc/passwd')
SELECT * FROM iceberg_scan('/etc/passwd')
SELECT * FROM iceberg_metadata('/etc/passwd')
SELECT * FROM iceberg_snapshots('/etc/passwd')
SELECT * FROM sqlite_scan('/etc/passwd')
SELECT * FROM postgres_scan('/etc/passwd')
SELECT * FROM postgres_scan_pushdown('/etc/passwd')
SELECT * FROM postgres_query('/etc/passwd')
SELECT * FROM mysql_scan('/etc/passwd')
SELECT * FROM mysql_query('/etc/passwd')
SELECT * FROM sqlite_query('/etc/passwd')
SELECT * FROM sqlite_attach('/etc/passwd')
SELECT * FROM postgres_attach('/etc/passwd')
SELECT * FROM postgres_execute('/etc/passwd')
SELECT * FROM mysql_execute('/etc/passwd')
SELECT * FROM read_lines('/etc/passwd')
SELECT * FROM read_sheet('/etc/passwd')
SELECT * FROM read_pbix('/etc/passwd')
SELECT * FROM read_stat('/etc/passwd')
SELECT * FROM shapefile_meta('/etc/passwd')
SELECT * FROM st_drivers('/etc/passwd')
SELECT * FROM read_gsheet('/etc/passwd')
SELECT * FROM read_feather('/etc/passwd')
SELECT * FROM scan_arrow_ipc('/etc/passwd')
SELECT * FROM lance_scan('/etc/passwd')
SELECT * FROM vortex_scan('/etc/passwd')
SELECT * FROM read_vortex('/etc/passwd')
SELECT * FROM read_csv(['/etc/passwd', '/etc/group'])
SELECT * FROM read_csv('https://127.0.0.1/x.csv')
SELECT * FROM read_parquet('s3://bucket/x.parquet')
SELECT content FROM read_text('/etc/passwd')
SELECT * FROM "read_text"('/etc/passwd')
SELECT * FROM READ_TEXT('/etc/passwd')
SELECT * FROM main.read_text('/etc/passwd')
SELECT * FROM system.main.read_text('/etc/passwd')
FROM read_text('/etc/passwd')
FROM read_csv('x.csv') SELECT count(*)
SELECT (SELECT content FROM read_text('/etc/passwd'))
WITH x AS (FROM read_blob('/etc/passwd')) SELECT * FROM x
SELECT * FROM customer, read_text('/etc/passwd')
SELECT * FROM customer POSITIONAL JOIN read_text('/etc/passwd')
SELECT * FROM customer WHERE name IN (SELECT content FROM read_text('/etc/passwd'))
SELECT * FROM sqlite_scan('x.db', 'customer')
SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'customer')
SELECT * FROM arrow_scan(0, 0, 0)
SELECT * FROM arrow_scan_dumb(0, 0, 0)
SELECT * FROM pandas_scan(0)
SELECT * FROM python_arrow_scan(0)
SELECT * FROM python_map_function(0)

-- reason: files in the place of tables
SELECT * FROM 'people.csv'
SELECT * FROM "people.csv"
SELECT * FROM 'people.parquet'
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM '*.csv'
SELECT * FROM 'data/*/x.parquet'
SELECT * FROM 's3://bucket/x.parquet'
SELECT * FROM 'https://127.0.0.1/x.csv'
SELECT * FROM 'hf://datasets/x/y.csv'
SELECT * FROM 'x.json'
SELECT * FROM 'x.jsonl'
SELECT * FROM 'x.ndjson'
SELECT * FROM 'x.tsv'
SELECT * FROM 'x.csv.gz'
SELECT * FROM 'x.xlsx'
SELECT * FROM 'x.duckdb'
SELECT * FROM 'x.db'
SELECT * FROM 'x.sqlite'
SELECT * FROM 'md:x'
SELECT * FROM 'C:\x.csv'
SELECT * FROM '..\x'
FROM 'people.csv'
FROM "people.parquet" SELECT count(*)
FROM 'people.csv' AS p
SELECT * FROM customer JOIN 'people.csv' AS p ON true
SELECT * FROM customer, 'people.csv'
WITH x AS (FROM 'people.csv') FROM x
SELECT (SELECT count(*) FROM 'people.csv')
SELECT * FROM customer WHERE id IN (FROM 'ids.csv')
SUMMARIZE 'people.csv'
DESCRIBE 'people.csv'
PIVOT 'people.csv' ON a USING sum(b)
SELECT 1 UNION ALL FROM 'people.csv'
SELECT * FROM 'people.CSV'
SELECT * FROM "x.arrow"
SELECT * FROM 'x.geojson'
SELECT * FROM 'x.avro'

-- reason: functions with effects, or that run SQL text
SELECT * FROM query('SELECT 1')
SELECT * FROM query('DELETE FROM customer')
FROM query('FROM read_text(''/etc/passwd'')')
SELECT * FROM query_table('customer')
SELECT * FROM query_table(['customer', 'orders'])
FROM query_table('/etc/passwd')
SELECT * FROM json_execute_serialized_sql('{}')
SELECT json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
SELECT json_serialize_sql('SELECT 1')
SELECT json_serialize_plan('SELECT 1')
SELECT json_deserialize_sql('{}')
SELECT * FROM from_substrait('x')
SELECT * FROM from_substrait_json('{}')
CALL get_substrait('SELECT 1')
SELECT currval('s')
SELECT setval('s', 1)
SELECT setseed(0.5)
SELECT sleep_ms(5000)
SELECT write_log('x')
SELECT getenv('HOME')
SELECT 'HOME'.getenv()
SELECT getvariable('x')
SELECT current_setting('threads')
SELECT current_setting('home_directory')
SELECT 'threads'.current_setting()
SELECT * FROM duckdb_secrets()
SELECT * FROM which_secret('s3://x', 's3')
SELECT * FROM duckdb_settings()
SELECT * FROM checkpoint()
SELECT * FROM force_checkpoint()
SELECT * FROM enable_logging()
SELECT * FROM disable_logging()
SELECT * FROM enable_profiling()
SELECT * FROM disable_profiling()
SELECT * FROM truncate_duckdb_logs()
SELECT * FROM seq_scan('customer')
SELECT * FROM summary('customer')
SELECT * FROM sql_auto_complete('SEL')
SELECT * FROM register_external_resource('x')
SELECT * FROM deregister_external_resource('x')
SELECT * FROM create_external_resource('x')
SELECT * FROM destroy_external_resource('x')
SELECT * FROM test_all_types()
SELECT * FROM test_vector_types(1)
SELECT current_query()
SELECT current_query_id()
SELECT current_connection_id()
SELECT current_transaction_id()
SELECT txid_current()
SELECT stats(1)
SELECT vector_type(1)
SELECT http_get('http://127.0.0.1')
SELECT shellfs('id')
SELECT add_parquet_key('a', 'b')

-- reason: the catalogue, the session and the server
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_columns()
SELECT * FROM duckdb_functions()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_extensions()
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_schemas()
SELECT * FROM duckdb_indexes()
SELECT * FROM duckdb_constraints()
SELECT * FROM duckdb_memory()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_logs
SELECT * FROM duckdb_tables
SELECT * FROM duckdb_secrets
SELECT * FROM duckdb_settings
SELECT * FROM system.main.duckdb_tables
SELECT * FROM "duckdb_tables"
SELECT * FROM pragma_table_info('customer')
SELECT * FROM pragma_storage_info('customer')
SELECT * FROM pragma_database_size()
SELECT * FROM pragma_version()
SELECT * FROM pragma_show('customer')
SELECT * FROM pragma_metadata_info()
SELECT * FROM pragma_platform()
SELECT * FROM pragma_user_agent()
SELECT * FROM pragma_collations
SELECT * FROM information_schema.tables
SELECT * FROM information_schema.columns
SELECT * FROM "information_schema"."tables"
SELECT * FROM shop.information_schema.tables
SELECT * FROM pg_catalog.pg_class
SELECT * FROM pg_class
SELECT * FROM pg_tables
SELECT * FROM sqlite_master
SELECT * FROM sqlite_schema
SELECT * FROM sqlite_temp_master
SELECT name FROM customer UNION SELECT table_name FROM duckdb_tables()
SELECT (SELECT string_agg(table_name) FROM information_schema.tables)
FROM (SHOW TABLES)
WITH x AS (SHOW TABLES) FROM x
WITH x AS (DESCRIBE customer) FROM x
FROM customer UNION ALL (SHOW TABLES)
FROM (PIVOT duckdb_tables ON x)
FROM memory.information_schema.tables
SELECT * FROM "main"."x.csv"
FROM (SHOW ALL TABLES)
FROM (DESCRIBE customer)
FROM (SUMMARIZE customer)
SELECT * FROM (DESCRIBE customer)
SELECT * FROM (SUMMARIZE customer)
SELECT * FROM (SHOW customer)
SELECT * FROM (SHOW DATABASES)
SELECT version()
SELECT current_user
SELECT current_schema()
SELECT current_schemas(true)
SELECT current_database()
SELECT current_catalog()
SELECT current_role
SELECT session_user
SELECT user()
SELECT has_table_privilege('customer', 'SELECT')
SELECT pg_get_viewdef(1)
SELECT pg_conf_load_time()
SELECT pg_postmaster_start_time()
SELECT inet_server_addr()
SELECT obj_description(1, 'x')
SELECT col_description(1, 1)
SELECT in_search_path('a', 'b')
SELECT icu_calendar_names()
SELECT * FROM pg_timezone_names()

-- reason: commands of DuckDB
ATTACH 'x.duckdb' AS y (READ_ONLY)
ATTACH 'postgres:host=127.0.0.1' AS p (TYPE postgres)
ATTACH IF NOT EXISTS ':memory:' AS m
ATTACH 's3://bucket/x.duckdb'
DETACH shop
USE memory
USE y.main
COPY customer TO '/tmp/agentsql_hostile.csv'
COPY (SELECT * FROM customer) TO '/tmp/agentsql_hostile.parquet' (FORMAT parquet)
COPY customer FROM '/etc/passwd'
COPY FROM DATABASE a TO b
EXPORT DATABASE '/tmp/agentsql_hostile' (FORMAT csv)
INSTALL spatial
INSTALL httpfs FROM community
FORCE INSTALL httpfs
LOAD httpfs
LOAD '/tmp/x.duckdb_extension'
UPDATE EXTENSIONS
SET threads = 1
SET GLOBAL memory_limit = '1TB'
SET enable_external_access = true
SET home_directory = '/tmp'
SET VARIABLE x = 1
RESET threads
RESET VARIABLE x
PRAGMA database_list
PRAGMA version
PRAGMA enable_profiling
PRAGMA memory_limit = '1GB'
PRAGMA force_checkpoint
PRAGMA storage_info('customer')
CREATE SECRET s (TYPE s3)
CREATE PERSISTENT SECRET s (TYPE s3)
DROP SECRET s
CREATE MACRO m(a) AS a + 1
CREATE MACRO t() AS TABLE SELECT 1
CREATE SEQUENCE s
CREATE TYPE t AS ENUM ('a')
CREATE OR REPLACE TABLE customer AS SELECT 1
CREATE TABLE IF NOT EXISTS x AS FROM customer
INSERT INTO customer BY NAME SELECT 1 AS id
INSERT OR REPLACE INTO customer (id) VALUES (1)
UPDATE customer SET name = 'x' FROM orders
DELETE FROM customer USING orders WHERE orders.customer_id = customer.id
SUMMARIZE customer
SUMMARIZE SELECT 1
DESCRIBE SELECT 1
SHOW ALL TABLES
SHOW customer
CALL pragma_version()
CALL duckdb_tables()
CHECKPOINT shop
FORCE CHECKPOINT
VACUUM ANALYZE
COMMENT ON COLUMN customer.name IS 'x'
ALTER TABLE customer ALTER name TYPE INT
DROP TYPE t
BEGIN READ WRITE
EXPLAIN ANALYZE FROM customer
PIVOT customer ON city USING wipe(id)
PIVOT (DELETE FROM customer RETURNING *) ON city
UNPIVOT 'x.csv' ON a

-- reason: quotes and chains that say something else
SELECT '/etc/passwd'.read_text()
SELECT ('x').wipe()
SELECT name.wipe() FROM customer
SELECT list_transform([1], x -> wipe(x))
SELECT [wipe(x) FOR x IN [1, 2]]
SELECT {'a': wipe(1)}
SELECT MAP {'a': wipe(1)}
SELECT struct_pack(a := wipe(1))
SELECT COLUMNS(c -> wipe(c)) FROM customer
SELECT * REPLACE (wipe(id) AS id) FROM customer
SELECT * FROM customer QUALIFY wipe(id) > 1
SELECT * FROM customer USING SAMPLE wipe(10)
SELECT $a$ x $b$ FROM customer
SELECT $$open
SELECT E'a\' FROM customer --
SELECT U&'\0061'
SELECT U&"\006eame" FROM customer
SELECT [name FROM customer
SELECT "read_text"('x')
SELECT "getenv"('HOME')
SELECT 'x' || getenv('HOME')
SELECT try(getenv('HOME'))
VALUES (getenv('HOME'))
SELECT * FROM (VALUES (getenv('HOME'))) AS v(a)
SELECT * FROM range(getenv('X')::INT)
SELECT * FROM unnest([getenv('HOME')])
SELECT max(getenv('HOME')) OVER () FROM customer
SELECT * FROM customer LIMIT getvariable('x')
SELECT $name
SELECT name FROM customer WHERE id = $1
SELECT name FROM customer WHERE id = $id
