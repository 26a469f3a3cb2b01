-- Statements for sqlite that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
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
SELECT @@version
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

-- reason: the catalogue and the inside of the database
SELECT * FROM sqlite_master
SELECT sql FROM sqlite_schema
SELECT * FROM sqlite_temp_master
SELECT * FROM sqlite_temp_schema
SELECT * FROM main.sqlite_master
SELECT * FROM "sqlite_master"
SELECT * FROM [sqlite_master]
SELECT * FROM `sqlite_master`
SELECT * FROM 'sqlite_master'
SELECT * FROM SQLITE_MASTER
SELECT * FROM sqlite_sequence
SELECT * FROM sqlite_stat1
SELECT name FROM customer UNION SELECT sql FROM sqlite_master
SELECT (SELECT group_concat(sql) FROM sqlite_master)
SELECT * FROM customer, sqlite_master
SELECT * FROM customer JOIN sqlite_master ON 1 = 1
WITH x AS (SELECT * FROM sqlite_master) SELECT * FROM x
SELECT 1 WHERE EXISTS (SELECT 1 FROM sqlite_master)
SELECT * FROM customer WHERE 'a' IN sqlite_sequence
SELECT 1 WHERE 'a' IN main.sqlite_master
SELECT * FROM (sqlite_master)
SELECT * FROM (customer JOIN sqlite_master)
SELECT 1 IN pragma_table_info('t')
SELECT * FROM pragma_table_info('customer')
SELECT * FROM pragma_table_xinfo('customer')
SELECT * FROM pragma_table_list
SELECT * FROM pragma_database_list
SELECT * FROM pragma_function_list
SELECT * FROM pragma_module_list
SELECT * FROM pragma_compile_options
SELECT * FROM pragma_index_list('orders')
SELECT * FROM pragma_foreign_key_list('orders')
SELECT * FROM pragma_user_version
SELECT * FROM pragma_journal_mode
SELECT * FROM pragma_wal_checkpoint
SELECT * FROM pragma_integrity_check
SELECT * FROM pragma_quick_check
SELECT * FROM pragma_optimize
SELECT * FROM pragma_writable_schema
SELECT * FROM "pragma_table_info"('customer')
SELECT * FROM main.pragma_table_info('customer')
SELECT name FROM PRAGMA_TABLE_INFO('customer')
SELECT * FROM dbstat
SELECT * FROM sqlite_dbpage
SELECT * FROM sqlite_stmt
SELECT * FROM bytecode('SELECT 1')
SELECT * FROM tables_used('SELECT 1')
SELECT * FROM completion('SEL')
SELECT sqlite_version()
SELECT sqlite_source_id()
SELECT sqlite_compileoption_get(0)
SELECT sqlite_compileoption_used('ENABLE_FTS5')
SELECT sqlite_offset(id) FROM customer
SELECT last_insert_rowid()
SELECT changes()
SELECT total_changes()

-- reason: files, code and processes
SELECT load_extension('./x.so')
SELECT load_extension('x', 'entry')
SELECT "load_extension"('x')
SELECT [load_extension]('x')
SELECT `load_extension`('x')
SELECT Load_Extension('x')
SELECT load_extension /* */ ('x')
SELECT name FROM customer WHERE load_extension('x')
SELECT upper(load_extension('x'))
SELECT readfile('/etc/shadow')
SELECT CAST(readfile('/etc/passwd') AS TEXT)
SELECT writefile('/tmp/agentsql_hostile', (SELECT group_concat(email) FROM customer))
SELECT writefile('/tmp/agentsql_hostile', x'00')
SELECT edit('x')
SELECT edit('x', 'vi')
SELECT * FROM fsdir('/')
SELECT * FROM lsdir('/')
SELECT * FROM fsdir
SELECT lsmode(33188)
SELECT symlink('/etc/passwd', '/tmp/x')
SELECT * FROM zipfile('x.zip')
SELECT zipfile('a', 'b') FROM customer
SELECT fts3_tokenizer('x')
SELECT fts3_tokenizer('x', x'00')
SELECT fts5('x')
SELECT fts5_source_id()
SELECT optimize(customer) FROM customer
SELECT rtreecheck('main', 'x')
SELECT rtreenode(2, x'00')
SELECT rtreedepth(x'00')
SELECT sqlite_log(1, 'x')
SELECT eval('DELETE FROM customer')
SELECT 'a' REGEXP 'b' OR regexp('a', 'b')
SELECT sha3_query('SELECT 1')
SELECT define('f', '1')
SELECT * FROM csv('x.csv')
SELECT * FROM vsv('x.csv')
SELECT * FROM lines_read('/etc/passwd')
SELECT http_get_body('http://127.0.0.1')
SELECT * FROM http_get('http://127.0.0.1')
SELECT fileio_read('/etc/passwd')
SELECT fileio_write('/tmp/agentsql_hostile', 'x')
SELECT * FROM fileio_ls('/')
SELECT subprocess('id')
SELECT getenv('HOME')
SELECT spellfix1_editdist('a', 'b')
SELECT crsql_changes()

-- reason: pragmas, attaching and the like
PRAGMA query_only = OFF
PRAGMA writable_schema = ON
PRAGMA journal_mode = DELETE
PRAGMA journal_mode = WAL
PRAGMA foreign_keys = OFF
PRAGMA trusted_schema = ON
PRAGMA temp_store_directory = '/tmp'
PRAGMA application_id = 7
PRAGMA schema_version = 7
PRAGMA wal_checkpoint(TRUNCATE)
PRAGMA incremental_vacuum
PRAGMA optimize
PRAGMA integrity_check
PRAGMA key = 'x'
PRAGMA rekey = 'x'
PRAGMA mmap_size = 0
PRAGMA main.page_size = 512
PRAGMA hard_heap_limit = 1
PRAGMA busy_timeout = 100000
PRAGMA locking_mode = EXCLUSIVE
ATTACH ':memory:' AS m
ATTACH DATABASE 'file:/etc/passwd?mode=ro' AS p
ATTACH '/etc/passwd' AS p
ATTACH 'x' AS y KEY 'z'
DETACH main
VACUUM INTO '/tmp/agentsql_hostile.db'
VACUUM main INTO '/tmp/agentsql_hostile2.db'
VACUUM main
REINDEX nocase
ANALYZE main
CREATE VIRTUAL TABLE v USING fts5(a)
CREATE VIRTUAL TABLE v USING csv(filename='/etc/passwd')
CREATE TEMP TRIGGER t AFTER DELETE ON customer BEGIN SELECT 1; END
CREATE TABLE IF NOT EXISTS x (a) STRICT
CREATE TABLE x (a) WITHOUT ROWID
ALTER TABLE customer RENAME COLUMN name TO n
INSERT OR REPLACE INTO customer (id, name) VALUES (1, 'x')
INSERT OR IGNORE INTO customer (id) VALUES (1)
UPDATE OR IGNORE customer SET id = 1
UPDATE customer SET name = 'x' FROM orders WHERE orders.customer_id = customer.id
DELETE FROM customer ORDER BY id LIMIT 1
DELETE FROM main.customer WHERE rowid = 1
INSERT INTO sqlite_sequence VALUES ('x', 1)
UPDATE sqlite_master SET sql = ''
EXPLAIN QUERY PLAN SELECT 1
BEGIN IMMEDIATE
BEGIN EXCLUSIVE
END TRANSACTION
ROLLBACK TRANSACTION TO s
DROP TRIGGER t

-- reason: quotes that end elsewhere
SELECT [a]]b] FROM customer
SELECT [name FROM customer
SELECT `name FROM customer
SELECT 'a\' , name FROM customer WHERE 'b
SELECT $$a$$ FROM customer
SELECT E'\'' FROM customer
SELECT 'a' "b" 'c' FROM customer; --
SELECT x'0
SELECT '1' , [x] ] FROM customer
SELECT 1 # 2
SELECT 1 // 2
