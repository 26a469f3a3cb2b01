-- Statements for postgres that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
-- A heading names the reason of those below it. Made for the tables of shop.sql.

-- reason: comments that the server ends elsewhere
SELECT {{ x }} FROM customer

-- reason: placeholders and variables
SELECT @x
SELECT $1
SELECT %(name)s

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
