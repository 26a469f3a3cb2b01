-- Statements of SQLite, PostgreSQL, MySQL and DuckDB that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
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
