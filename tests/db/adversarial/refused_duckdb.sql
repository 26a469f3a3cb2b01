-- Statements for duckdb that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
-- A heading names the reason of those below it. Made for the tables of shop.sql.

-- reason: stacked: a second statement behind an innocent one
SELECT 1; DROP TABLE customer
SELECT 1; SELECT 2
SELECT 1;; DELETE FROM orders
SELECT name FROM customer; UPDATE customer SET name = 'x'
SELECT 1; INSERT INTO customer (id) VALUES (99)
SELECT ';' ; DELETE FROM customer
SELECT 1 /* ; */ ; ALTER TABLE customer ADD COLUMN x INT
SELECT 1; -- end\x{000A}DROP TABLE orders
WITH a AS (SELECT 1) SELECT * FROM a; CREATE TABLE x (a INT)
SELECT 1 UNION SELECT 2; COMMIT
SELECT 1; BEGIN; DELETE FROM customer; COMMIT
SELECT 1;;;SELECT name FROM customer
VALUES (1); DROP VIEW v
(SELECT 1); (SELECT 2)
SELECT id FROM customer WHERE name = 'a'; DROP TABLE customer; --'
SELECT 1; ROLLBACK
SELECT 1; EXPLAIN SELECT 1
SELECT 1;TRUNCATE TABLE customer
SELECT * FROM customer WHERE id = 1; GRANT ALL ON customer TO PUBLIC
; DELETE FROM customer

-- reason: writes and definitions
INSERT INTO customer (id, name) VALUES (100, 'x')
INSERT INTO customer SELECT * FROM customer
REPLACE INTO customer (id, name) VALUES (1, 'x')
UPDATE customer SET name = 'x'
UPDATE orders SET total = 0 WHERE id = 1
DELETE FROM customer
DELETE FROM item WHERE quantity > 0
TRUNCATE TABLE customer
TRUNCATE customer
DROP TABLE customer
DROP TABLE IF EXISTS orders
DROP VIEW big_spender
DROP INDEX orders_placed
CREATE TABLE x (a INT)
CREATE TABLE x AS SELECT * FROM customer
CREATE TEMPORARY TABLE x (a INT)
CREATE TEMP TABLE x AS SELECT 1 AS a
CREATE VIEW v AS SELECT 1
CREATE OR REPLACE VIEW v AS SELECT * FROM customer
CREATE INDEX i ON customer (name)
CREATE UNIQUE INDEX i ON customer (id)
CREATE TRIGGER t AFTER INSERT ON customer BEGIN SELECT 1; END
ALTER TABLE customer ADD COLUMN x INT
ALTER TABLE customer RENAME TO client
ALTER TABLE customer DROP COLUMN name
MERGE INTO customer USING orders ON customer.id = orders.customer_id WHEN MATCHED THEN DELETE
INSERT INTO customer DEFAULT VALUES
INSERT INTO customer (id) VALUES (1) ON CONFLICT DO NOTHING
INSERT INTO customer (id) VALUES (101) RETURNING *
DELETE FROM customer RETURNING id
UPDATE customer SET name = 'x' RETURNING name
CREATE SCHEMA s
DROP SCHEMA public
CREATE DATABASE d
DROP DATABASE shop

-- reason: writes behind WITH, parentheses and comments
WITH x AS (SELECT 1) INSERT INTO customer (id) SELECT * FROM x
WITH x AS (SELECT 1) DELETE FROM customer
WITH x AS (SELECT 1) UPDATE customer SET name = 'x'
WITH x AS (DELETE FROM customer RETURNING *) SELECT * FROM x
WITH x AS (INSERT INTO customer (id) VALUES (102) RETURNING id) SELECT id FROM x
WITH x AS (UPDATE customer SET name = 'x' RETURNING *) SELECT count(*) FROM x
WITH a AS (SELECT 1), b AS (DELETE FROM orders RETURNING id) SELECT * FROM a, b
WITH RECURSIVE r AS (DELETE FROM item RETURNING *) SELECT * FROM r
SELECT * FROM (DELETE FROM customer RETURNING *) AS x
SELECT * FROM (INSERT INTO customer (id) VALUES (103) RETURNING *) AS x
SELECT (UPDATE customer SET name = 'x' RETURNING id)
SELECT 1 WHERE EXISTS (DELETE FROM customer RETURNING 1)
/* SELECT */ DELETE FROM customer
-- SELECT 1\x{000A}DROP TABLE customer
(DELETE FROM customer)
((DROP TABLE customer))
SELECT 1 UNION DELETE FROM customer
SELECT 1 UNION ALL (DELETE FROM customer RETURNING 1)
WITH x AS (TRUNCATE customer) SELECT 1
WITH x AS (DROP TABLE customer) SELECT 1
WITH x AS MATERIALIZED (DELETE FROM item RETURNING *) SELECT * FROM x
WITH x AS (WITH y AS (DELETE FROM item RETURNING *) SELECT * FROM y) SELECT * FROM x
SELECT * INTO copied FROM customer
SELECT name INTO TEMP copied FROM customer
WITH x AS (SELECT * FROM customer) SELECT * INTO copied FROM x
SELECT id, name INTO copied FROM customer WHERE id > 1

-- reason: commands that are no queries
EXPLAIN SELECT 1
EXPLAIN ANALYZE SELECT * FROM customer
EXPLAIN ANALYZE DELETE FROM customer
DESCRIBE customer
DESC customer
SHOW TABLES
SHOW DATABASES
SHOW ALL
USE other
SET x = 1
SET SESSION x = 1
SET GLOBAL x = 1
SET NAMES 'utf8'
RESET ALL
BEGIN
BEGIN TRANSACTION
START TRANSACTION
COMMIT
ROLLBACK
END
SAVEPOINT s
RELEASE SAVEPOINT s
ROLLBACK TO SAVEPOINT s
ANALYZE
ANALYZE customer
VACUUM
VACUUM FULL customer
REINDEX
REINDEX TABLE customer
CHECKPOINT
CALL p()
CALL p(1, 'x')
EXECUTE p
EXECUTE IMMEDIATE 'DROP TABLE customer'
PREPARE p AS SELECT 1
PREPARE p FROM 'DELETE FROM customer'
DEALLOCATE p
DEALLOCATE ALL
DECLARE c CURSOR FOR SELECT 1
FETCH ALL FROM c
LOCK TABLE customer IN EXCLUSIVE MODE
LOCK TABLES customer WRITE
UNLOCK TABLES
GRANT SELECT ON customer TO PUBLIC
GRANT ALL PRIVILEGES ON *.* TO 'x'@'%'
REVOKE ALL ON customer FROM PUBLIC
COMMENT ON TABLE customer IS 'x'
DO $$ BEGIN DELETE FROM customer; END $$
DO SLEEP(5)
LISTEN c
NOTIFY c
UNLISTEN *
COPY customer TO '/tmp/agentsql_hostile'
COPY customer FROM '/tmp/agentsql_hostile'
LOAD DATA INFILE '/etc/passwd' INTO TABLE customer
LOAD 'x'
INSTALL httpfs
ATTACH 'x.db' AS y
ATTACH DATABASE '/tmp/agentsql_hostile.db' AS y
DETACH y
DETACH DATABASE main
PRAGMA table_info('customer')
PRAGMA user_version = 9
KILL 1
SHUTDOWN
HANDLER customer OPEN
IMPORT DATABASE '/tmp/x'
EXPORT DATABASE '/tmp/agentsql_hostile'
FLUSH TABLES
REFRESH MATERIALIZED VIEW v
DISCARD ALL
CLUSTER customer
TABLE customer
CREATE EXTENSION dblink
CREATE FUNCTION f() RETURNS INT RETURN 1
CREATE USER x
CREATE ROLE x SUPERUSER
ALTER USER x WITH SUPERUSER
ALTER SYSTEM SET work_mem = '1GB'
SET ROLE x
SET SESSION AUTHORIZATION x
DELIMITER //
HELP 'contents'
.shell id
\! id
\copy customer to '/tmp/x'

-- reason: locking reads
SELECT * FROM customer FOR UPDATE
SELECT * FROM customer FOR SHARE
SELECT * FROM customer WHERE id = 1 FOR UPDATE NOWAIT
SELECT * FROM customer WHERE id = 1 FOR UPDATE SKIP LOCKED
SELECT * FROM (SELECT * FROM customer FOR UPDATE) AS x
WITH x AS (SELECT * FROM customer FOR UPDATE) SELECT * FROM x
SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customer FOR UPDATE)

-- reason: unicode: letters that only look right, invisible and turning ones
SELECT\x{00A0}name FROM customer
SELECT name\x{2003}FROM customer
SELECT name\x{3000}FROM customer
SELECT name FROM\x{2028}customer
SELECT name FROM customer\x{200B}
SE\x{200B}LECT name FROM customer
SELECT na\x{200D}me FROM customer
\x{FEFF}SELECT name FROM customer
SELECT name FROM customer \x{FEFF} WHERE id = 1
ＳＥＬＥＣＴ name FROM customer
SELECT name FROM ｃustomer
SELECT ｓleep(5)
SELECT ſleep(5)
SELECT sleep（5）
SELECT 1； DROP TABLE customer
SELECT \x{202E}name FROM customer
SELECT name FROM customer WHERE name = '\x{202E} x'
SELECT name /* \x{2066} admin \x{2069} */ FROM customer
SELECT name FROM customer -- \x{202D}
SELECT name FROM customer WHERE name = 'a\x{0000}b'
SELECT name FROM customer\x{0000}; DROP TABLE customer
SELECT 1 ; DROP TABLE customer
SELECT name FROM ․customer
SELECT name FROM customer WHERE id ＝ 1
SELECT name FROM customer WHERE name = ‘x’ OR 1 = 1
SELECT slеep(5)
SELECT сount(*) FROM customer
DЕLETE FROM customer
SELECT name FROM customer WHERE id = 1 \x{2060}OR 1=1
SELECT name FROM customer WHERE id = ⅰ
SELECT name\x{0085}FROM customer
SELECT \x{00AD}name FROM customer
SELECT 'a' \x{D800}

-- reason: comments that the server ends elsewhere
SELECT 1 /* /* */ , 2 /* */ */
SELECT 1 /* /* */ ; DROP TABLE customer -- */ */
SELECT 1 /* open
SELECT 1 /* a /* b */ FROM customer
SELECT /*+ SET_VAR(max_execution_time=0) */ 1
SELECT /*+ Set(statement_timeout 0) */ 1
SELECT 1 /*+ hint */ FROM customer
SELECT 1 /*! , 2 */
SELECT 1 /*!50000 UNION SELECT 2 */
SELECT 1 /*M! UNION SELECT 2 */
SELECT 1 {# , #} , 2
SELECT {% raw %} 1 {% endraw %}
SELECT 1 */ , 2
SELECT 1 -- /*\x{000A} */
SELECT 1 -- a\x{000D}, 2
SELECT name -- a\x{000D}FROM customer\x{000A}
SELECT 1 /* a */ -- b\x{000D}; DROP TABLE customer
SELECT 1 -- x\x{000D} UNION SELECT 2\x{000A}

-- reason: broken, or no SQL at all
the answer is 42
SELECT
SELECT FROM customer
SELECT * FROM
SELECT name FROM customer WHERE
SELECT (1
SELECT 1)
SELECT 'open
SELECT "open
-- nothing
/* nothing */
;
SELECT name FROM customer WHERE name = 'a' OR 'x
DROP
import os
{"sql": "SELECT 1"}
```sql
SELECT count( FROM customer
id
name = 'x'
1 OR 1 = 1
' OR '1' = '1
admin'--

-- reason: placeholders and variables
SELECT ?
SELECT name FROM customer WHERE id = ?
SELECT :name
SELECT name FROM customer WHERE id = :id
SELECT $1
SELECT %s
SELECT %(name)s

-- reason: functions that nobody knows, and functions of other databases
SELECT wipe_customers()
SELECT wipe(1)
SELECT name, send_mail(email, 'hi') FROM customer
SELECT * FROM run_report(1)
SELECT xp_cmdshell('dir')
SELECT * FROM OPENROWSET('SQLNCLI', 'x', 'SELECT 1')
SELECT sys_exec('id')
SELECT sys_eval('id')
SELECT utl_http.request('http://127.0.0.1')
SELECT dbms_pipe.receive_message('a', 5)
SELECT UTL_INADDR.get_host_name('127.0.0.1')
SELECT http_get('http://127.0.0.1/')
SELECT "wipe_customers"()
SELECT public.wipe(1)
SELECT shop.wipe(1)
SELECT (SELECT wipe(id) FROM customer LIMIT 1)
SELECT name FROM customer ORDER BY wipe(id)
SELECT name FROM customer WHERE wipe(id) IS NULL
SELECT name FROM customer GROUP BY name HAVING wipe(count(*)) > 0
SELECT CASE WHEN wipe(1) = 1 THEN 1 END
WITH wipe(a) AS (SELECT 1) SELECT wipe(a) FROM wipe
SELECT coalesce(NULL, wipe(1))
SELECT wipe /* x */ (1)
SELECT sum(wipe(id)) OVER () FROM customer
SELECT system('id')
SELECT shell('id')
SELECT exec('id')
SELECT eval('DROP TABLE customer')
SELECT sleep(5)
SELECT pg_sleep(5)
SELECT load_extension('x')
SELECT readfile('/etc/passwd')
SELECT writefile('/tmp/agentsql_hostile', 'x')
SELECT load_file('/etc/passwd')
SELECT pg_read_file('/etc/passwd')
SELECT * FROM read_csv('/etc/passwd')
SELECT benchmark(100000000, 1)
SELECT nextval('s')

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
