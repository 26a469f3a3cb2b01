-- Statements for postgres that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
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
SELECT {{ x }} FROM customer
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
SELECT @x
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

-- reason: waiting and locking functions
SELECT pg_sleep(10)
SELECT pg_sleep_for('5 minutes')
SELECT pg_sleep_until('tomorrow 03:00')
SELECT pg_catalog.pg_sleep(10)
SELECT "pg_sleep"(10)
SELECT "pg_catalog"."pg_sleep"(10)
SELECT PG_SLEEP(10)
SELECT name FROM customer WHERE pg_sleep(1) IS NULL
SELECT CASE WHEN (SELECT count(*) FROM customer) > 0 THEN pg_sleep(5) END
SELECT * FROM pg_sleep(5)
SELECT * FROM customer, LATERAL pg_sleep(1)
SELECT * FROM customer ORDER BY (SELECT pg_sleep(1))
SELECT pg_advisory_lock(1)
SELECT pg_advisory_lock(1, 2)
SELECT pg_advisory_lock_shared(1)
SELECT pg_advisory_xact_lock(1)
SELECT pg_advisory_xact_lock_shared(1)
SELECT pg_try_advisory_lock(1)
SELECT pg_try_advisory_lock_shared(1)
SELECT pg_try_advisory_xact_lock(1)
SELECT pg_try_advisory_xact_lock_shared(1)
SELECT pg_advisory_unlock(1)
SELECT pg_advisory_unlock_shared(1)
SELECT pg_advisory_unlock_all()
SELECT * FROM customer FOR NO KEY UPDATE
SELECT * FROM customer FOR KEY SHARE
SELECT * FROM customer FOR UPDATE OF customer
SELECT c.name FROM customer c JOIN orders o ON o.customer_id = c.id FOR SHARE OF c NOWAIT

-- reason: sequences, settings and session state
SELECT nextval('customer_id_seq')
SELECT nextval('public.customer_id_seq'::text)
SELECT setval('customer_id_seq', 1)
SELECT setval('customer_id_seq', 1, false)
SELECT currval('customer_id_seq')
SELECT lastval()
SELECT set_config('statement_timeout', '0', false)
SELECT set_config('transaction_read_only', 'off', true)
SELECT pg_catalog.set_config('search_path', 'x', false)
SELECT setseed(0.5)
SELECT pg_notify('c', 'x')
SELECT pg_export_snapshot()
SELECT txid_current()
SELECT pg_current_xact_id()
SELECT pg_current_xact_id_if_assigned()
SELECT txid_status(1)
SELECT txid_current_snapshot()
SELECT pg_snapshot_xmin(pg_current_snapshot())
SELECT current_query()
SELECT pg_logical_emit_message(true, 'a', 'b')
SELECT pg_log_backend_memory_contexts(1)
SELECT pg_stat_reset()
SELECT pg_stat_reset_shared('bgwriter')
SELECT pg_stat_clear_snapshot()
SELECT pg_stat_reset_single_table_counters(1)
SELECT pg_prewarm('customer')
SELECT pg_replication_origin_create('x')
SELECT pg_create_restore_point('x')
SELECT pg_create_logical_replication_slot('s', 'test_decoding')
SELECT pg_create_physical_replication_slot('s')
SELECT pg_drop_replication_slot('s')
SELECT pg_logical_slot_get_changes('s', NULL, NULL)
SELECT pg_switch_wal()
SELECT pg_promote()
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_backup_start('x')
SELECT pg_backup_stop()
SELECT pg_wal_replay_pause()
SELECT pg_wal_replay_resume()
SELECT pg_import_system_collations('pg_catalog')
SELECT pg_stop_making_pinned_objects()
SELECT pg_terminate_backend(1)
SELECT pg_terminate_backend(pid) FROM (VALUES (1)) AS p(pid)
SELECT pg_cancel_backend(1)
SELECT pg_nextoid('pg_class', 'oid', 'pg_class_oid_index')
SELECT binary_upgrade_set_next_pg_type_oid(1)
SELECT brin_summarize_new_values('orders_placed')
SELECT gin_clean_pending_list('orders_placed')
SELECT currtid2('customer', '(0,1)')

-- reason: files and large objects
SELECT pg_read_file('PG_VERSION')
SELECT pg_read_file('/etc/passwd', 0, 100)
SELECT pg_read_file('/etc/passwd', 0, 100, true)
SELECT pg_read_binary_file('/etc/passwd')
SELECT convert_from(pg_read_binary_file('/etc/passwd'), 'UTF8')
SELECT pg_ls_dir('.')
SELECT pg_ls_dir('/', true, false)
SELECT * FROM pg_ls_dir('/etc') AS f(name)
SELECT pg_ls_logdir()
SELECT pg_ls_waldir()
SELECT pg_ls_tmpdir()
SELECT pg_ls_archive_statusdir()
SELECT pg_stat_file('PG_VERSION')
SELECT (pg_stat_file('/etc/passwd')).size
SELECT pg_current_logfile()
SELECT pg_hba_file_rules()
SELECT pg_show_all_file_settings()
SELECT lo_import('/etc/passwd')
SELECT lo_import('/etc/passwd', 42)
SELECT lo_export(42, '/tmp/agentsql_hostile')
SELECT lo_create(42)
SELECT lo_creat(1)
SELECT lo_unlink(42)
SELECT lo_get(42)
SELECT lo_put(42, 0, '\x00')
SELECT lo_from_bytea(0, '\x00')
SELECT lo_open(42, 131072)
SELECT loread(0, 10)
SELECT lowrite(0, '\x00')
SELECT lo_truncate(0, 0)
SELECT pg_file_write('x', 'y', false)
SELECT pg_file_rename('a', 'b')
SELECT pg_file_unlink('x')
SELECT pg_file_sync('x')
SELECT pg_logdir_ls()
SELECT pg_relation_filepath('customer')
COPY customer TO PROGRAM 'id'
COPY (SELECT * FROM customer) TO '/tmp/agentsql_hostile'
COPY customer FROM PROGRAM 'cat /etc/passwd'
COPY (SELECT 1) TO STDOUT

-- reason: functions that run SQL text or reach other servers
SELECT query_to_xml('DELETE FROM customer', true, true, '')
SELECT query_to_xml('SELECT * FROM pg_authid', true, false, '')
SELECT query_to_xmlschema('SELECT 1', true, true, '')
SELECT query_to_xml_and_xmlschema('SELECT 1', true, true, '')
SELECT table_to_xml('customer', true, true, '')
SELECT table_to_xmlschema('customer', true, true, '')
SELECT table_to_xml_and_xmlschema('customer', true, true, '')
SELECT schema_to_xml('public', true, true, '')
SELECT schema_to_xmlschema('public', true, true, '')
SELECT database_to_xml(true, true, '')
SELECT database_to_xmlschema(true, true, '')
SELECT database_to_xml_and_xmlschema(true, true, '')
SELECT cursor_to_xml('c', 1, true, true, '')
SELECT xpath('//a', query_to_xml('SELECT 1', true, true, ''))
SELECT ts_stat('SELECT to_tsvector(name) FROM customer')
SELECT * FROM ts_stat('DELETE FROM customer')
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery')
SELECT * FROM crosstab('SELECT 1, 2, 3') AS x(a int, b int)
SELECT * FROM crosstab2('SELECT 1, 2, 3')
SELECT * FROM connectby('customer', 'id', 'id', '1', 0) AS t(a int, b int, c int)
SELECT xpath_table('id', 'name', 'customer', '/', 'true')
SELECT xslt_process('<a/>', '<b/>')
SELECT * FROM dblink('dbname=postgres', 'SELECT 1') AS t(a int)
SELECT dblink_connect('host=127.0.0.1')
SELECT dblink_exec('x', 'DELETE FROM customer')
SELECT dblink_send_query('x', 'SELECT 1')
SELECT public.dblink('x', 'SELECT 1')
SELECT * FROM postgres_fdw_get_connections()
SELECT http('GET')
SELECT * FROM http_post('http://127.0.0.1', '', '')
SELECT net.http_get('http://127.0.0.1')
SELECT cron.schedule('x', '* * * * *', 'DELETE FROM customer')
SELECT pg_catalog.query_to_xml('SELECT 1', true, true, '')
SELECT "query_to_xml"('SELECT 1', true, true, '')
SELECT plpgsql_inline_handler(NULL)
SELECT fmgr_sql_validator(1)
SELECT st_fromgdalraster('\x00')
SELECT OPERATOR(pg_catalog.+)(1, 2)
SELECT 1 OPERATOR(public.!!!) 2

-- reason: the catalogue, the session and the server
SELECT * FROM pg_catalog.pg_class
SELECT * FROM pg_class
SELECT * FROM pg_authid
SELECT rolname, rolpassword FROM pg_authid
SELECT * FROM pg_shadow
SELECT * FROM pg_user
SELECT * FROM pg_roles
SELECT * FROM pg_database
SELECT * FROM pg_tables
SELECT * FROM pg_stat_activity
SELECT * FROM pg_stat_statements
SELECT * FROM pg_settings
SELECT * FROM pg_file_settings
SELECT * FROM pg_hba_file_rules
SELECT * FROM pg_user_mapping
SELECT * FROM pg_user_mappings
SELECT * FROM pg_largeobject
SELECT * FROM pg_proc
SELECT * FROM pg_stats
SELECT most_common_vals FROM pg_stats WHERE tablename = 'customer'
SELECT * FROM pg_statistic
SELECT * FROM pg_locks
SELECT * FROM pg_views
SELECT * FROM pg_policies
SELECT * FROM pg_cursors
SELECT * FROM pg_prepared_statements
SELECT * FROM pg_foreign_server
SELECT * FROM pg_subscription
SELECT * FROM pg_toast.pg_toast_1234
SELECT * FROM "pg_authid"
SELECT * FROM PG_AUTHID
SELECT * FROM "pg_catalog"."pg_authid"
SELECT * FROM information_schema.tables
SELECT column_name FROM information_schema.columns
SELECT * FROM information_schema.role_table_grants
SELECT * FROM "information_schema".views
SELECT name FROM customer UNION ALL SELECT usename FROM pg_user
SELECT (SELECT string_agg(relname, ',') FROM pg_class)
WITH x AS (SELECT * FROM pg_shadow) SELECT * FROM x
SELECT * FROM customer, pg_user
SELECT * FROM customer WHERE EXISTS (SELECT 1 FROM pg_authid)
SELECT * FROM (TABLE pg_authid) AS x
WITH x AS (TABLE pg_authid) SELECT * FROM x
SELECT 1 UNION TABLE customer
SELECT current_setting('data_directory')
SELECT current_setting('is_superuser', true)
SELECT version()
SELECT current_user
SELECT session_user
SELECT user
SELECT current_role
SELECT current_catalog
SELECT current_schema
SELECT current_schema()
SELECT current_database()
SELECT current_schemas(true)
SELECT inet_server_addr()
SELECT inet_client_addr()
SELECT inet_server_port()
SELECT pg_backend_pid()
SELECT pg_postmaster_start_time()
SELECT pg_conf_load_time()
SELECT pg_is_in_recovery()
SELECT pg_database_size('postgres')
SELECT pg_total_relation_size('customer')
SELECT pg_table_size('customer')
SELECT pg_get_viewdef('big_spender')
SELECT pg_get_functiondef(1)
SELECT pg_get_constraintdef(1)
SELECT pg_get_userbyid(10)
SELECT pg_has_role('postgres', 'USAGE')
SELECT has_table_privilege('customer', 'INSERT')
SELECT has_database_privilege('postgres', 'CREATE')
SELECT has_column_privilege('customer', 'name', 'SELECT')
SELECT has_function_privilege('pg_sleep(double precision)', 'EXECUTE')
SELECT has_schema_privilege('public', 'CREATE')
SELECT row_security_active('customer')
SELECT obj_description(1)
SELECT col_description(1, 1)
SELECT shobj_description(1, 'pg_database')
SELECT format_type(23, NULL)
SELECT to_regclass('pg_authid')
SELECT to_regrole('postgres')
SELECT 'pg_authid'::regclass
SELECT 'customer'::regclass::oid
SELECT CAST('pg_sleep' AS regproc)
SELECT 'postgres'::regrole
SELECT 'public'::regnamespace
SELECT 'x'::pg_catalog.regclass
SELECT 'x'::"regclass"
SELECT CAST('x' AS pg_catalog.regrole)
SELECT year(1)
SELECT number(1)
SELECT list(1), map(1)
SELECT pg_lock_status()
SELECT pg_control_system()
SELECT pg_config()
SELECT pg_stat_get_activity(NULL)
SELECT pg_show_all_settings()
SELECT pg_get_keywords()
SELECT pg_timezone_names()
SELECT pg_blocking_pids(1)
SELECT pg_get_shmem_allocations()
SELECT aclexplode(NULL)
SELECT getpgusername()
SELECT txid_visible_in_snapshot(1, NULL)

-- reason: quotes and escapes that say something else
SELECT U&"pg\005fsleep"(10)
SELECT U&'\0061' FROM customer
SELECT u&"\006eame" FROM customer
SELECT * FROM U&"pg\005fauthid"
SELECT U&"d!0061t!+000061" UESCAPE '!' FROM customer
SELECT $a$ x $b$ FROM customer
SELECT $$open FROM customer
SELECT 'a\' , name FROM customer WHERE 'b
SELECT E'a\' FROM customer --
SELECT `name` FROM customer
SELECT "name FROM customer
SELECT $1$ x $1$
SELECT "PG_SLEEP"(1)
SELECT "Lower"('A')
SELECT public.lower('A')
SELECT public."lower"('A')
SELECT shop.public.lower('A')
SELECT pg_temp.f(1)
SELECT a.b.c.d(1)
SELECT 1 !! 2
SELECT DISTINCT pg_sleep(1) FROM customer
SELECT array(SELECT pg_sleep(1))
SELECT row(pg_sleep(1))
VALUES (pg_sleep(1))
VALUES (1, lo_import('/etc/passwd'))
SELECT * FROM generate_series(1, 2) AS g, pg_sleep(g)
SELECT * FROM ROWS FROM (pg_sleep(1), generate_series(1, 2)) AS x
SELECT xmlparse(CONTENT pg_read_file('/etc/passwd'))
SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM customer
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY wipe(id)) FROM customer
SELECT sum(id) OVER (ORDER BY wipe(id)) FROM customer
SELECT (customer).wipe(1) FROM customer
SELECT * FROM customer TABLESAMPLE wipe(10)
SELECT * FROM customer LIMIT (SELECT pg_sleep(1))
SELECT * FROM customer OFFSET wipe(1)
MERGE INTO customer USING (VALUES (1)) AS v(a) ON id = a WHEN NOT MATCHED THEN DO NOTHING
IMPORT FOREIGN SCHEMA s FROM SERVER x INTO public
CREATE SERVER x FOREIGN DATA WRAPPER postgres_fdw
CREATE RULE r AS ON SELECT TO customer DO INSTEAD SELECT 1
CREATE POLICY p ON customer
CREATE MATERIALIZED VIEW m AS SELECT 1
CREATE TABLE x PARTITION OF customer DEFAULT
ALTER TABLE customer DISABLE ROW LEVEL SECURITY
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC
SECURITY LABEL ON TABLE customer IS 'x'
SET TRANSACTION READ WRITE
SET LOCAL statement_timeout = 0
START TRANSACTION READ WRITE
PREPARE TRANSACTION 'x'
COMMIT PREPARED 'x'
REASSIGN OWNED BY x TO y
DROP OWNED BY x
