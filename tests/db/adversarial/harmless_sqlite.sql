-- Statements for sqlite that lock one must pass, one a line; \x{200B} stands for the character U+200B.
-- A heading names the kind of those below it. They run on the tables of shop.sql.

-- reason: plain reads
SELECT 1
SELECT 1;
SELECT * FROM customer
SELECT name FROM customer WHERE id = 1
SELECT name, city FROM customer WHERE country = 'UK' AND score > 5
SELECT DISTINCT city FROM customer ORDER BY city
SELECT name AS n FROM customer AS c WHERE c.id IN (1, 2, 3)
SELECT name FROM customer WHERE id NOT IN (1, 2)
SELECT name FROM customer WHERE name LIKE 'A%'
SELECT name FROM customer WHERE name NOT LIKE '%x%'
SELECT name FROM customer WHERE name LIKE '50!%' ESCAPE '!'
SELECT name FROM customer WHERE score BETWEEN 1 AND 9
SELECT name FROM customer WHERE email IS NULL
SELECT name FROM customer WHERE email IS NOT NULL OR active = TRUE
SELECT count(*) FROM customer
SELECT count(DISTINCT city) FROM customer
SELECT sum(total), avg(total), min(total), max(total) FROM orders
SELECT country, count(*) AS n FROM customer GROUP BY country HAVING count(*) > 0 ORDER BY n DESC, country LIMIT 3
SELECT name FROM customer ORDER BY score DESC LIMIT 2 OFFSET 1
SELECT c.name, o.total FROM customer c JOIN orders o ON o.customer_id = c.id
SELECT c.name, o.total FROM customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL
SELECT c.name FROM customer c INNER JOIN orders o ON o.customer_id = c.id INNER JOIN item i ON i.order_id = o.id INNER JOIN product p ON p.id = i.product_id WHERE p.name = 'Pen'
SELECT a.name, b.name FROM employee a CROSS JOIN employee b
SELECT a.name, b.name FROM employee a, employee b WHERE a.boss_id = b.id
SELECT name FROM customer WHERE id = (SELECT max(customer_id) FROM orders)
SELECT name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = 'open')
SELECT name FROM customer WHERE id IN (SELECT customer_id FROM orders WHERE total > 10)
SELECT name, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) AS orders FROM customer c
SELECT x.city FROM (SELECT city, count(*) AS n FROM customer GROUP BY city) AS x WHERE x.n > 0
SELECT CASE WHEN score > 8 THEN 'high' WHEN score > 5 THEN 'middle' ELSE 'low' END AS level FROM customer
SELECT CASE status WHEN 'paid' THEN 1 ELSE 0 END FROM orders
SELECT coalesce(email, 'none') FROM customer
SELECT nullif(city, 'Paris') FROM customer
SELECT upper(name), lower(city), trim(name), replace(name, 'a', 'b') FROM customer
SELECT round(score, 1), abs(score) FROM customer
SELECT price * quantity AS amount FROM item
SELECT (price - 1) / 2 + 3 % 2 FROM item
SELECT -price, +price FROM item
SELECT CAST(total AS INTEGER) FROM orders

-- reason: set operations
SELECT name FROM customer UNION SELECT name FROM employee
SELECT name FROM customer UNION ALL SELECT name FROM employee
SELECT id FROM customer INTERSECT SELECT customer_id FROM orders
SELECT id FROM customer EXCEPT SELECT customer_id FROM orders
SELECT id FROM customer UNION SELECT id FROM product UNION SELECT id FROM orders ORDER BY 1 LIMIT 5
SELECT * FROM (SELECT id FROM customer UNION ALL SELECT id FROM employee) AS x
SELECT count(*) FROM (SELECT id FROM customer EXCEPT SELECT customer_id FROM orders) AS x
SELECT name FROM customer WHERE id IN (SELECT id FROM customer INTERSECT SELECT customer_id FROM orders)
SELECT 'customer' AS kind, count(*) AS n FROM customer UNION ALL SELECT 'product', count(*) FROM product
SELECT city FROM customer UNION SELECT department FROM employee ORDER BY city

-- reason: common table expressions
WITH big AS (SELECT * FROM orders WHERE total > 10) SELECT count(*) FROM big
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
WITH totals (customer_id, total) AS (SELECT customer_id, sum(total) FROM orders GROUP BY customer_id) SELECT name, t.total FROM customer JOIN totals t ON t.customer_id = customer.id
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n
WITH RECURSIVE chain(id, name, depth) AS (SELECT id, name, 0 FROM employee WHERE boss_id IS NULL UNION ALL SELECT e.id, e.name, c.depth + 1 FROM employee e JOIN chain c ON e.boss_id = c.id) SELECT name, depth FROM chain ORDER BY depth, name
WITH a AS (SELECT id FROM customer), b AS (SELECT customer_id FROM orders) SELECT id FROM a WHERE id NOT IN (SELECT customer_id FROM b)
WITH x AS (SELECT * FROM customer) SELECT * FROM x UNION SELECT * FROM x
WITH x AS (WITH y AS (SELECT 1 AS a) SELECT a FROM y) SELECT a FROM x
SELECT * FROM (WITH y AS (SELECT 1 AS a) SELECT a FROM y) AS x
WITH monthly AS (SELECT status, count(*) AS n FROM orders GROUP BY status) SELECT status, n, n * 100.0 / (SELECT sum(n) FROM monthly) AS share FROM monthly
WITH ranked AS (SELECT name, row_number() OVER (ORDER BY salary DESC) AS place FROM employee) SELECT name FROM ranked WHERE place <= 2
WITH RECURSIVE fib(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM fib WHERE b < 100) SELECT a FROM fib

-- reason: windows
SELECT name, row_number() OVER (ORDER BY salary DESC) FROM employee
SELECT name, rank() OVER (PARTITION BY department ORDER BY salary) FROM employee
SELECT name, dense_rank() OVER (PARTITION BY department ORDER BY salary DESC) AS r FROM employee
SELECT name, percent_rank() OVER (ORDER BY salary), cume_dist() OVER (ORDER BY salary) FROM employee
SELECT name, ntile(2) OVER (ORDER BY salary) FROM employee
SELECT name, lag(salary) OVER (ORDER BY hired), lead(salary, 1) OVER (ORDER BY hired) FROM employee
SELECT name, first_value(name) OVER (PARTITION BY department ORDER BY hired) FROM employee
SELECT name, last_value(name) OVER (PARTITION BY department ORDER BY hired ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM employee
SELECT name, nth_value(name, 2) OVER (ORDER BY hired) FROM employee
SELECT id, sum(total) OVER (ORDER BY placed ROWS UNBOUNDED PRECEDING) FROM orders
SELECT id, avg(total) OVER (ORDER BY placed ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM orders
SELECT id, sum(total) OVER w, count(*) OVER w FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY placed)
SELECT status, sum(total), sum(sum(total)) OVER () FROM orders GROUP BY status
SELECT * FROM (SELECT name, rank() OVER (ORDER BY salary) AS r FROM employee) AS x WHERE r = 1
SELECT id, max(total) OVER (PARTITION BY customer_id) - total AS gap FROM orders
SELECT count(*) OVER () AS n, name FROM customer

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
SELECT 'DROP TABLE customer; DELETE FROM orders' AS a
SELECT name FROM customer WHERE name = 'x; DROP TABLE customer'
SELECT name FROM customer WHERE name = '-- no comment'
SELECT name FROM customer WHERE name = '/* no comment */'
SELECT name FROM customer WHERE name = 'pg_sleep(5)'
SELECT name FROM customer WHERE name = 'O''Brien'
SELECT name FROM customer WHERE name = 'it''s ''quoted'''
SELECT name FROM customer WHERE city = 'Zürich' OR city = '東京' OR city = 'Москва'
SELECT name FROM customer WHERE name = '👋 hello'
SELECT name FROM customer WHERE name LIKE '%INTO OUTFILE%'
SELECT name FROM customer WHERE email = 'a@b.c'
SELECT name FROM customer WHERE name = '${x} {{y}} %s :z ?'
SELECT name FROM customer WHERE name = 'SELECT * FROM sqlite_master'
SELECT name FROM customer WHERE name IN ('read_csv', 'information_schema', 'mysql.user')
SELECT 'it is 100% sure' AS a
SELECT '' AS a
SELECT 'information_schema.tables' AS a, 'pg_catalog' AS b
SELECT name FROM customer WHERE name = '#no comment'
SELECT name FROM customer WHERE name = '$$ money $$'
SELECT name FROM customer WHERE name = '[x] {y} (z'
SELECT name AS Größe FROM customer
SELECT name AS 名前 FROM customer

-- reason: comments and blanks
-- first\x{000A}SELECT 1
SELECT 1 -- last
SELECT /* the name */ name FROM customer
/* a */ /* b */ SELECT 1 /* c */;
SELECT name -- a column\x{000A}FROM customer -- a table\x{000A}
SELECT\x{000A}\x{0009}name\x{000A}FROM\x{000A}\x{0009}customer\x{000A}
SELECT name\x{000D}\x{000A}FROM customer\x{000D}\x{000A}
SELECT 1 -- drop table; delete
SELECT 1 /* ; drop table customer */
SELECT 1;;  
SELECT 1 ; -- done
  \x{000A} SELECT 1
SELECT name -- windows\x{000D}\x{000A}FROM customer
/** doc */ SELECT 1
SELECT 1 /* -- */ AS a
SELECT 1 -- /*\x{000A} AS a

-- reason: brackets and nesting
SELECT ((((1))))
SELECT (SELECT (SELECT (SELECT 1)))
SELECT * FROM (SELECT * FROM (SELECT * FROM customer) AS a) AS b
SELECT name FROM customer WHERE ((id = 1) OR (id = 2)) AND NOT (id = 3)
SELECT name FROM customer WHERE (id, city) IN (SELECT id, city FROM customer)
SELECT 1 WHERE 1 IN (1, (2), ((3)))

-- reason: questions as models write them
SELECT p.category, SUM(i.quantity * i.price) AS revenue FROM item AS i JOIN product AS p ON i.product_id = p.id GROUP BY p.category ORDER BY revenue DESC
SELECT T1.name FROM customer AS T1 JOIN orders AS T2 ON T1.id = T2.customer_id GROUP BY T1.id, T1.name ORDER BY COUNT(*) DESC LIMIT 1
SELECT AVG(T2.total) FROM customer AS T1 JOIN orders AS T2 ON T1.id = T2.customer_id WHERE T1.country = 'UK'
SELECT name FROM product WHERE price > (SELECT AVG(price) FROM product)
SELECT department, AVG(salary) FROM employee GROUP BY department HAVING AVG(salary) > 6000
SELECT COUNT(*) FROM orders WHERE status = 'paid' AND total >= 20
SELECT name FROM employee WHERE salary = (SELECT MAX(salary) FROM employee)
SELECT e.name, b.name FROM employee AS e LEFT JOIN employee AS b ON e.boss_id = b.id
SELECT country, COUNT(*) FROM customer GROUP BY country ORDER BY COUNT(*) DESC
SELECT name FROM customer WHERE id NOT IN (SELECT customer_id FROM orders WHERE customer_id IS NOT NULL)
SELECT SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END) * 100.0 / COUNT(*) FROM orders
SELECT T1.name, T3.name FROM customer AS T1 JOIN orders AS T2 ON T1.id = T2.customer_id JOIN item AS T4 ON T2.id = T4.order_id JOIN product AS T3 ON T3.id = T4.product_id
SELECT COUNT(DISTINCT T1.id) FROM customer AS T1 JOIN orders AS T2 ON T1.id = T2.customer_id
SELECT name FROM product ORDER BY price ASC LIMIT 1
SELECT MAX(salary) - MIN(salary) FROM employee
SELECT category FROM product GROUP BY category HAVING COUNT(*) >= 2
SELECT name FROM employee WHERE department = 'sales' AND hired >= '2016-01-01'
SELECT customer_id, MIN(placed), MAX(placed) FROM orders GROUP BY customer_id
SELECT o.id FROM orders o WHERE o.total > 2 * (SELECT AVG(total) FROM orders WHERE status = o.status)
SELECT AVG(quantity) FROM item WHERE product_id IN (SELECT id FROM product WHERE category = 'office')

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
