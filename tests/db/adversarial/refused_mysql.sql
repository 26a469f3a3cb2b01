-- Statements for mysql that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
-- A heading names the reason of those below it. Made for the tables of shop.sql.

-- reason: comments that the server ends elsewhere
SELECT {{ x }} FROM customer

-- reason: placeholders and variables
SELECT @x
SELECT @@version

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
