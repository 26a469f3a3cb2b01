-- Statements for mysql that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
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
SELECT %s

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
SELECT SLEEP(10)
SELECT sleep (10)
SELECT `sleep`(10)
SELECT sleep/**/(10)
SELECT name FROM customer WHERE SLEEP(1) = 0
SELECT IF(1 = 1, SLEEP(5), 0)
SELECT name FROM customer ORDER BY SLEEP(1)
SELECT * FROM (SELECT SLEEP(5)) AS x
SELECT 1 AND SLEEP(5)
SELECT name FROM customer WHERE id = 1 OR SLEEP(5)
SELECT name FROM customer WHERE id = 1 XOR SLEEP(5)
SELECT CASE WHEN 1 THEN SLEEP(5) END
SELECT BENCHMARK(1000000000, MD5('a'))
SELECT BENCHMARK(1000000000, (SELECT count(*) FROM customer))
SELECT GET_LOCK('a', 100)
SELECT RELEASE_LOCK('a')
SELECT RELEASE_ALL_LOCKS()
SELECT IS_FREE_LOCK('a')
SELECT IS_USED_LOCK('a')
SELECT MASTER_POS_WAIT('x', 1, 10)
SELECT SOURCE_POS_WAIT('x', 1, 10)
SELECT MASTER_GTID_WAIT('0-1-1', 10)
SELECT WAIT_FOR_EXECUTED_GTID_SET('x', 10)
SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('x', 10)
SELECT WSREP_SYNC_WAIT_UPTO_GTID('0-1-1', 10)
SELECT service_get_read_locks('a', 'b', 10)
SELECT * FROM customer LOCK IN SHARE MODE
SELECT * FROM customer WHERE id = 1 LOCK IN SHARE MODE NOWAIT
SELECT * FROM customer FOR UPDATE WAIT 10
SELECT * FROM customer FOR UPDATE OF customer
SELECT * FROM customer PROCEDURE ANALYSE()
SELECT * FROM customer PROCEDURE ANALYSE(1, 2)
SELECT name FROM customer LIMIT 1 PROCEDURE ANALYSE(extractvalue(1, concat(0x3a, version())), 1)

-- reason: variables and assignments
SELECT @a
SELECT @a := 1
SELECT @rownum := @rownum + 1 FROM customer
SELECT name, @r := id FROM customer
SELECT name FROM customer, (SELECT @r := 0) AS init
SELECT @`a b`
SELECT @'a'
SELECT 1 INTO @a
SELECT id, name INTO @a, @b FROM customer LIMIT 1
SELECT name FROM customer INTO @a
SELECT name FROM customer WHERE id = @a
SELECT name FROM customer LIMIT @a
SELECT @@global.datadir
SELECT @@session.sql_mode
SELECT @@hostname
SELECT DATE_ADD(born@@session.sql_mode
SELECT @@secure_file_priv
SELECT @@basedir
SELECT @@version_compile_os
SELECT @@max_execution_time
SELECT @@local.autocommit
SELECT @@GLOBAL.read_only
SELECT name FROM customer WHERE @@version LIKE '1%'
SET @a = 1
SET @@session.max_statement_time = 0
SET GLOBAL read_only = 0
SET PASSWORD = 'x'
SET STATEMENT max_statement_time = 0 FOR SELECT SLEEP(100)
SET TRANSACTION READ WRITE
SET sql_log_bin = 0
SET DEFAULT ROLE x

-- reason: files
SELECT 1 INTO OUTFILE '/tmp/agentsql_hostile'
SELECT * FROM customer INTO OUTFILE '/tmp/agentsql_hostile'
SELECT * INTO OUTFILE '/tmp/agentsql_hostile' FROM customer
SELECT * INTO OUTFILE '/tmp/agentsql_hostile' FIELDS TERMINATED BY ',' FROM customer
SELECT 1 INTO DUMPFILE '/tmp/agentsql_hostile'
SELECT name INTO DUMPFILE '/tmp/agentsql_hostile' FROM customer
SELECT 0x3c3f INTO OUTFILE '/tmp/agentsql_hostile.php' LINES TERMINATED BY 0x3c
SELECT 1 UNION SELECT 2 INTO OUTFILE '/tmp/agentsql_hostile'
(SELECT 1) INTO OUTFILE '/tmp/agentsql_hostile'
SELECT LOAD_FILE('/etc/passwd')
SELECT load_file(0x2f6574632f706173737764)
SELECT `load_file`('/etc/passwd')
SELECT HEX(LOAD_FILE('/etc/passwd'))
SELECT name FROM customer WHERE LOAD_FILE(name) IS NOT NULL
SELECT load_file(concat('\\\\', 'x', '\\a'))
SELECT * FROM JSON_TABLE(LOAD_FILE('/etc/passwd'), '$[*]' COLUMNS (a INT PATH '$.a')) AS j
LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE customer
LOAD XML INFILE '/etc/passwd' INTO TABLE customer
LOAD INDEX INTO CACHE customer
LOAD DATA CONCURRENT INFILE 'x' INTO TABLE customer
SELECT sys_get('HOME')
SELECT sys_set('A', 'b')
SELECT sys_bineval('x')
SELECT lib_mysqludf_sys_info()
SELECT http_get('http://127.0.0.1')
CREATE FUNCTION sys_exec RETURNS INT SONAME 'x.so'
INSTALL PLUGIN x SONAME 'x.so'
INSTALL SONAME 'x'
UNINSTALL PLUGIN x
BACKUP STAGE START
CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')

-- reason: session state and sequences
SELECT LAST_INSERT_ID()
SELECT LAST_INSERT_ID(5)
SELECT FOUND_ROWS()
SELECT ROW_COUNT()
SELECT UUID_SHORT()
SELECT CONNECTION_ID()
SELECT NEXTVAL(s)
SELECT LASTVAL(s)
SELECT SETVAL(s, 1)
SELECT NEXT VALUE FOR s
SELECT PREVIOUS VALUE FOR s
SELECT s.nextval FROM wipe()
SELECT NAME_CONST('a', 1)
SELECT BINLOG_GTID_POS('x', 1)
SELECT ps_thread_id(1)
SELECT ps_current_thread_id()
SELECT gtid_subset('x', 'y')
SELECT group_replication_set_as_primary('x')
SELECT keyring_key_fetch('x')
SELECT audit_log_read()
SELECT mysql_query_attribute_string('x')

-- reason: the catalogue, the session and the server
SELECT * FROM information_schema.tables
SELECT table_name FROM INFORMATION_SCHEMA.TABLES
SELECT * FROM `information_schema`.`columns`
SELECT * FROM information_schema.processlist
SELECT * FROM information_schema.user_privileges
SELECT * FROM information_schema.innodb_trx
SELECT * FROM mysql.user
SELECT * FROM mysql.db
SELECT * FROM mysql.global_priv
SELECT user, authentication_string FROM mysql.user
SELECT * FROM `mysql`.`user`
SELECT * FROM mysql . user
SELECT * FROM mysql.proc
SELECT * FROM mysql.general_log
SELECT * FROM mysql.slow_log
SELECT * FROM mysql.innodb_table_stats
SELECT * FROM performance_schema.threads
SELECT * FROM performance_schema.events_statements_history
SELECT * FROM performance_schema.variables_by_thread
SELECT * FROM performance_schema.setup_actors
SELECT * FROM sys.processlist
SELECT * FROM sys.schema_table_statistics
SELECT * FROM sys.session
SELECT name FROM customer UNION SELECT table_name FROM information_schema.tables
SELECT (SELECT group_concat(table_name) FROM information_schema.tables)
SELECT * FROM customer JOIN mysql.user ON 1
SELECT * FROM customer WHERE name IN (SELECT user FROM mysql.user)
WITH x AS (SELECT * FROM mysql.user) SELECT * FROM x
SELECT EXISTS (SELECT 1 FROM mysql.user)
SELECT * FROM (TABLE customer) AS x
TABLE customer ORDER BY id LIMIT 1
VALUES ROW(1, 2), ROW(SLEEP(1), 3)
SELECT VERSION()
SELECT USER()
SELECT CURRENT_USER()
SELECT CURRENT_USER
SELECT SESSION_USER()
SELECT SYSTEM_USER()
SELECT DATABASE()
SELECT SCHEMA()
SELECT CURRENT_ROLE()
SELECT extractvalue(1, concat(0x7e, version()))
SELECT updatexml(1, concat(0x7e, user()), 1)
SELECT name FROM customer WHERE id = 1 AND (SELECT 1 FROM (SELECT count(*), concat(version(), floor(rand(0) * 2)) x FROM customer GROUP BY x) y)
SHOW GRANTS
SHOW CREATE TABLE customer
SHOW VARIABLES LIKE '%dir%'
SHOW FULL PROCESSLIST
SHOW ENGINE INNODB STATUS
SHOW MASTER STATUS
SHOW WARNINGS
SHOW COLUMNS FROM customer
SHOW INDEX FROM customer
EXPLAIN FORMAT=JSON SELECT 1
EXPLAIN customer
ANALYZE FORMAT=JSON SELECT 1
DESCRIBE customer name

-- reason: commands of MySQL and MariaDB
HANDLER customer READ FIRST
HANDLER customer CLOSE
FLUSH PRIVILEGES
FLUSH TABLES WITH READ LOCK
FLUSH LOGS
RESET MASTER
RESET QUERY CACHE
PURGE BINARY LOGS TO 'x'
CHANGE MASTER TO MASTER_HOST = 'x'
START SLAVE
STOP SLAVE
KILL QUERY 1
KILL CONNECTION 1
OPTIMIZE TABLE customer
REPAIR TABLE customer
CHECK TABLE customer
CHECKSUM TABLE customer
ANALYZE TABLE customer
CACHE INDEX customer IN k
RENAME TABLE customer TO client
RENAME USER a TO b
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM customer
CREATE SEQUENCE s
CREATE PROCEDURE p() DELETE FROM customer
INSERT INTO customer SET id = 1
INSERT IGNORE INTO customer (id) VALUES (1)
INSERT INTO customer (id) VALUES (1) ON DUPLICATE KEY UPDATE name = 'x'
INSERT DELAYED INTO customer (id) VALUES (1)
UPDATE customer, orders SET customer.name = 'x'
DELETE customer FROM customer JOIN orders ON orders.customer_id = customer.id
DELETE FROM customer USING customer JOIN orders
XA START 'x'
XA COMMIT 'x'
SIGNAL SQLSTATE '45000'
GET DIAGNOSTICS @a = NUMBER
RESIGNAL
BINLOG 'x'
CREATE USER 'x'@'%' IDENTIFIED BY 'y'
DROP USER 'x'@'%'
ALTER USER 'x'@'%' IDENTIFIED BY 'y'
BEGIN NOT ATOMIC DELETE FROM customer; END
EXECUTE IMMEDIATE 'DELETE FROM customer' USING 1
DEALLOCATE PREPARE p
LOCK TABLES customer READ
ALTER TABLE customer ENGINE = MyISAM

-- reason: comments and quotes that say something else
SELECT 1 /*!50000 , SLEEP(10) */
SELECT 1 /*!INTO OUTFILE '/tmp/agentsql_hostile' */
SELECT 1 /*!99999 x */
SELECT 1 /*M!100000 , SLEEP(10) */
SELECT /*!32302 1/0, */ 1 FROM customer
SELECT 1 /*! AND */ + 2
/*!50000 DELETE FROM customer */
/*!50000 SELECT */ 1
SELECT 1 --1 INTO OUTFILE '/tmp/agentsql_hostile'
SELECT 1--SLEEP(5)
SELECT 'a\'' , SLEEP(5) , 'b'
SELECT "a" "b" , SLEEP(5)
SELECT 'a' 'b' , sleep(1)
SELECT _utf8'a' , sleep(1)
SELECT N'a' , sleep(1)
SELECT x'00' , sleep(1)
SELECT 'a\' OR SLEEP(5) --
SELECT "sleep"(5)
SELECT 'sleep'(5)
SELECT `a``b` FROM customer WHERE sleep(1)
SELECT {d sleep(5)}
SELECT {ts version()}
SELECT name FROM customer WHERE id = 1 && SLEEP(5)
SELECT name FROM customer WHERE id = 1 || SLEEP(5)
SELECT shop.lower('A')
SELECT `shop`.`lower`('A')
SELECT mysql.f(1)
SELECT sys.format_bytes(1)
SELECT sys.extract_table_from_file_name('x')
SELECT SQL_NO_CACHE SLEEP(5)
SELECT HIGH_PRIORITY SLEEP(5)
SELECT STRAIGHT_JOIN SLEEP(5)
SELECT DISTINCTROW SLEEP(5)
SELECT NOT SLEEP(5)
SELECT -SLEEP(5)
SELECT ~SLEEP(5)
SELECT !SLEEP(5)
SELECT BINARY SLEEP(5)
SELECT INTERVAL(SLEEP(1), 1)
SELECT CAST(SLEEP(1) AS CHAR)
SELECT CONVERT(SLEEP(1), CHAR)
SELECT name FROM customer HAVING SLEEP(1)
SELECT group_concat(name ORDER BY SLEEP(1)) FROM customer
SELECT name FROM customer USE INDEX (x) WHERE SLEEP(1)
SELECT {# \x{000A} d SLEEP(5) } #} 1
SELECT 1 # a\x{000D}, SLEEP(5)
SELECT 1 -- a\x{000A}, SLEEP(5)
SELECT 1 # a\x{000A}, SLEEP(5)
SELECT/**/SLEEP/**/(/**/5/**/)
SELECT\x{0009}SLEEP(5)
SELECT SLEEP\x{000A}(5)
