-- Statements for sqlite that lock one must refuse, one a line; \x{200B} stands for the character U+200B.
-- A heading names the reason of those below it. Made for the tables of shop.sql.

-- reason: comments that the server ends elsewhere
SELECT {{ x }} FROM customer

-- reason: placeholders and variables
SELECT @x
SELECT @@version
SELECT $1
SELECT %(name)s

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
