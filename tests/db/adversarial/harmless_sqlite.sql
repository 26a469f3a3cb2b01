-- Statements for sqlite that lock one must pass, one a line; \x{200B} stands for the character U+200B.
-- A heading names the kind of those below it. They run on the tables of shop.sql.

-- reason: plain reads
SELECT round(score, 1), abs(score) FROM customer
SELECT CAST(total AS INTEGER) FROM orders

-- reason: names and strings that look hostile
SELECT "name" FROM "customer"
SELECT "customer"."name" FROM "customer"
SELECT c."name" AS "drop" FROM customer AS c
SELECT name AS "delete from customer" FROM customer
SELECT name AS "select" FROM customer
SELECT name AS "a; b" FROM customer
SELECT name AS "a -- b" FROM customer
SELECT name AS "a /* b" FROM customer
SELECT 1 AS "pg_sleep", 2 AS "sleep", 3 AS "load_file"
SELECT name AS "名前" FROM customer
SELECT name AS "Größe" FROM customer
SELECT name AS "имя" FROM customer
SELECT x."order" FROM (SELECT 1 AS "order") AS x
SELECT name AS "table", city AS "update" FROM customer

-- reason: SQLite's own ways
SELECT name FROM customer WHERE id = 1 COLLATE NOCASE
SELECT [name] FROM [customer]
SELECT `name` FROM `customer`
SELECT rowid, name FROM customer
SELECT oid FROM customer
SELECT name FROM customer WHERE name GLOB 'A*'
SELECT name FROM customer WHERE name == 'Ada'
SELECT name FROM customer WHERE score IS 9.5
SELECT name FROM customer WHERE score IS NOT 9.5
SELECT name FROM customer WHERE score NOTNULL
SELECT name FROM customer WHERE score ISNULL
SELECT name || ' of ' || city FROM customer
SELECT 1 << 2, 7 >> 1, 6 & 3, 6 | 1, ~5
SELECT x'414243', 0x10
SELECT name FROM customer LIMIT 1, 2
SELECT iif(score > 5, 'a', 'b') FROM customer
SELECT max(score, 5) FROM customer
SELECT min(1, 2, 3)
SELECT payload -> '$.page', payload ->> 'page' FROM event
SELECT json_extract(payload, '$.page') FROM event
SELECT value FROM event, json_each(event.payload, '$.tags')
SELECT key, value, type FROM json_each('[1, 2]')
SELECT fullkey FROM json_tree('{"a": [1]}')
SELECT e.id, j.value FROM event AS e JOIN json_each(e.payload) AS j
SELECT count(*) FILTER (WHERE score > 5) FROM customer
SELECT group_concat(name, ', ') FROM customer
SELECT group_concat(DISTINCT city) FROM customer
SELECT total(total) FROM orders
SELECT CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP
SELECT name FROM customer ORDER BY score DESC NULLS LAST
SELECT name FROM customer ORDER BY name COLLATE NOCASE ASC
SELECT * FROM customer NATURAL JOIN orders
SELECT * FROM customer JOIN orders USING (id)
SELECT * FROM customer AS c LEFT OUTER JOIN orders AS o ON c.id = o.customer_id
SELECT CAST(name AS BLOB) FROM customer
SELECT CAST(total AS REAL), CAST(total AS TEXT), CAST(total AS NUMERIC) FROM orders
VALUES (1, 'a'), (2, 'b')
SELECT id, name FROM customer ORDER BY id LIMIT 7 % 4
SELECT id, name FROM customer ORDER BY id LIMIT 5 - (SELECT count(*) FROM customer) % 2 OFFSET 3 % 2
SELECT column1 FROM (VALUES (1), (2))
WITH v(a, b) AS (VALUES (1, 2), (3, 4)) SELECT a FROM v
WITH x AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM x
WITH x AS NOT MATERIALIZED (SELECT 1 AS a) SELECT a FROM x
SELECT sum(total) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders
SELECT sum(total) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders
SELECT sum(total) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM orders
SELECT name FROM customer WHERE (id, name) = (1, 'Ada')
SELECT name FROM customer WHERE (id, name) > (1, 'Ada')
SELECT 1 WHERE 'a' LIKE 'A'
SELECT name FROM main.customer
SELECT main.customer.name FROM main.customer
SELECT ALL name FROM customer
SELECT EXISTS (SELECT 1 FROM customer)
SELECT NOT EXISTS (SELECT 1 FROM customer)
SELECT CASE WHEN active THEN 1 END FROM customer

-- reason: functions
SELECT length(name) FROM customer
SELECT substr(name, 2) FROM customer
SELECT substr(name, 1, 3) FROM customer
SELECT substring(name, 1, 3) FROM customer
SELECT instr(name, 'a') FROM customer
SELECT ltrim(name, 'A') FROM customer
SELECT rtrim(name) FROM customer
SELECT trim(name, 'x') FROM customer
SELECT replace(name, 'a', '') FROM customer
SELECT printf('%s is %d', name, id) FROM customer
SELECT format('%05.2f', score) FROM customer
SELECT quote(name) FROM customer
SELECT hex(name) FROM customer
SELECT unicode(name) FROM customer
SELECT char(65, 66) FROM customer
SELECT soundex(name) FROM customer
SELECT typeof(score) FROM customer
SELECT ifnull(email, '') FROM customer
SELECT coalesce(email, city, name) FROM customer
SELECT likely(id = 1) FROM customer
SELECT unlikely(id = 1) FROM customer
SELECT likelihood(id = 1, 0.5) FROM customer
SELECT glob('A*', name) FROM customer
SELECT like('A%', name) FROM customer
SELECT abs(-1) FROM customer
SELECT random() FROM customer
SELECT abs(random() % 10) FROM customer
SELECT randomblob(4) FROM customer
SELECT zeroblob(4) FROM customer
SELECT round(score) FROM customer
SELECT round(score, 2) FROM customer
SELECT sign(score) FROM customer
SELECT max(id, 2) FROM customer
SELECT date(born) FROM customer
SELECT date('now') FROM customer
SELECT date('now', 'start of month', '-1 day') FROM customer
SELECT date(born, '+1 year') FROM customer
SELECT time('now') FROM customer
SELECT datetime('now', 'localtime') FROM customer
SELECT datetime(1700000000, 'unixepoch') FROM customer
SELECT julianday('now') - julianday(born) FROM customer
SELECT julianday(born) FROM customer
SELECT strftime('%Y', born) FROM customer
SELECT strftime('%Y-%m', born) FROM customer
SELECT CAST(strftime('%Y', 'now') AS INTEGER) - CAST(strftime('%Y', born) AS INTEGER) FROM customer
SELECT unixepoch('now') FROM customer
SELECT strftime('%w', born) FROM customer
SELECT strftime('%s', born) FROM customer
SELECT ceil(score) FROM customer
SELECT ceiling(score) FROM customer
SELECT floor(score) FROM customer
SELECT trunc(score) FROM customer
SELECT sqrt(score) FROM customer
SELECT pow(score, 2) FROM customer
SELECT power(score, 2) FROM customer
SELECT exp(1) FROM customer
SELECT ln(2) FROM customer
SELECT log(10) FROM customer
SELECT log10(100) FROM customer
SELECT log2(8) FROM customer
SELECT mod(7, 3) FROM customer
SELECT pi() FROM customer
SELECT sin(1) FROM customer
SELECT cos(1) FROM customer
SELECT tan(1) FROM customer
SELECT asin(1) FROM customer
SELECT acos(1) FROM customer
SELECT atan(1) FROM customer
SELECT atan2(1, 2) FROM customer
SELECT sinh(1) FROM customer
SELECT cosh(1) FROM customer
SELECT tanh(1) FROM customer
SELECT asinh(1) FROM customer
SELECT acosh(1) FROM customer
SELECT atanh(0.5) FROM customer
SELECT degrees(1) FROM customer
SELECT radians(1) FROM customer
SELECT json('{"a": 1}') FROM customer
SELECT json_array(1, 2) FROM customer
SELECT json_array_length('[1, 2]') FROM customer
SELECT json_object('a', 1) FROM customer
SELECT json_insert('{}', '$.a', 1) FROM customer
SELECT json_set('{}', '$.a', 1) FROM customer
SELECT json_replace('{"a": 1}', '$.a', 2) FROM customer
SELECT json_remove('{"a": 1}', '$.a') FROM customer
SELECT json_patch('{}', '{"a": 1}') FROM customer
SELECT json_type('{"a": 1}', '$.a') FROM customer
SELECT json_valid('{}') FROM customer
SELECT json_quote('a') FROM customer
SELECT subtype(json('[]')) FROM customer
SELECT json_group_array(name) FROM customer
SELECT json_group_object(name, id) FROM customer
SELECT group_concat(name) FROM customer
SELECT sum(DISTINCT id) FROM customer
SELECT avg(score) FROM customer
SELECT total(score) FROM customer

-- reason: functions in conditions and groups
SELECT strftime('%m', born), count(*) FROM customer GROUP BY strftime('%m', born) ORDER BY strftime('%m', born)
SELECT substr(name, 1, 1), count(*) FROM customer GROUP BY substr(name, 1, 1) ORDER BY substr(name, 1, 1)
SELECT length(name), count(*) FROM customer GROUP BY length(name) ORDER BY length(name)
SELECT date(born, 'weekday 0'), count(*) FROM customer GROUP BY date(born, 'weekday 0') ORDER BY date(born, 'weekday 0')
SELECT upper(city), count(*) FROM customer GROUP BY upper(city) ORDER BY upper(city)
SELECT CAST(score AS INTEGER), count(*) FROM customer GROUP BY CAST(score AS INTEGER) ORDER BY CAST(score AS INTEGER)
SELECT iif(score > 5, 1, 0), count(*) FROM customer GROUP BY iif(score > 5, 1, 0) ORDER BY iif(score > 5, 1, 0)
SELECT round(score / 2), count(*) FROM customer GROUP BY round(score / 2) ORDER BY round(score / 2)
SELECT id % 2, count(*) FROM customer GROUP BY id % 2 ORDER BY id % 2
SELECT coalesce(country, '?'), count(*) FROM customer GROUP BY coalesce(country, '?') ORDER BY coalesce(country, '?')
SELECT strftime('%j', born), count(*) FROM customer GROUP BY strftime('%j', born) ORDER BY strftime('%j', born)
SELECT instr(email, '@'), count(*) FROM customer GROUP BY instr(email, '@') ORDER BY instr(email, '@')
