-- Statements for mysql that lock one must pass, one a line; \x{200B} stands for the character U+200B.
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
SELECT CAST(total AS SIGNED) FROM orders

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
SELECT `name` FROM `customer`
SELECT `customer`.`name` FROM `customer`
SELECT c.`name` AS `drop` FROM customer AS c
SELECT name AS `delete from customer` FROM customer
SELECT name AS `select` FROM customer
SELECT name AS `a; b` FROM customer
SELECT name AS `a -- b` FROM customer
SELECT name AS `a /* b` FROM customer
SELECT 1 AS `pg_sleep`, 2 AS `sleep`, 3 AS `load_file`
SELECT name AS `名前` FROM customer
SELECT name AS `Größe` FROM customer
SELECT name AS `имя` FROM customer
SELECT x.`order` FROM (SELECT 1 AS `order`) AS x
SELECT name AS `table`, city AS `update` FROM customer
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
(SELECT 1)
((SELECT 1))
(SELECT 1) UNION (SELECT 2)
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

-- reason: MySQL's and MariaDB's own ways
SELECT `name` FROM `customer` WHERE `id` = 1
SELECT name FROM customer WHERE name = "Ada"
SELECT name FROM customer LIMIT 1, 2
SELECT name FROM customer WHERE name REGEXP '^A'
SELECT name FROM customer WHERE name RLIKE 'a$' OR name NOT REGEXP 'x'
SELECT name FROM customer WHERE email <=> NULL
SELECT name FROM customer WHERE id = 1 && active || FALSE
SELECT name FROM customer WHERE NOT active XOR TRUE
SELECT 7 DIV 2, 7 MOD 2, 7 % 2, 5 ^ 3, 5 << 1, ~5
SELECT name FROM customer WHERE BINARY name = 'Ada'
SELECT born + INTERVAL 1 DAY, born - INTERVAL 2 MONTH FROM customer
SELECT DATE_ADD(born, INTERVAL 1 YEAR), DATE_SUB(born, INTERVAL 3 WEEK) FROM customer
SELECT TIMESTAMPDIFF(YEAR, born, CURDATE()) FROM customer
SELECT EXTRACT(YEAR FROM placed), EXTRACT(YEAR_MONTH FROM placed) FROM orders
SELECT GROUP_CONCAT(name ORDER BY name DESC SEPARATOR '; ') FROM customer
SELECT GROUP_CONCAT(DISTINCT city) FROM customer
SELECT status, SUM(total) FROM orders GROUP BY status WITH ROLLUP
SELECT IF(score > 5, 'a', 'b') FROM customer
SELECT CAST(total AS SIGNED), CAST(total AS UNSIGNED), CAST(total AS CHAR(10)), CAST(total AS DECIMAL(10, 1)) FROM orders
SELECT CONVERT(total, CHAR), CONVERT(name USING utf8mb4) FROM orders, customer
SELECT payload -> '$.page' FROM event
SELECT JSON_EXTRACT(payload, '$.page'), JSON_UNQUOTE(JSON_EXTRACT(payload, '$.page')) FROM event
SELECT j.t FROM event, JSON_TABLE(payload, '$.tags[*]' COLUMNS (t VARCHAR(10) PATH '$')) AS j
SELECT j.* FROM JSON_TABLE('[{"a": 1}]', '$[*]' COLUMNS (i FOR ORDINALITY, a INT PATH '$.a')) AS j
SELECT SQL_NO_CACHE name FROM customer
SELECT DISTINCTROW city FROM customer
SELECT STRAIGHT_JOIN c.name FROM customer c JOIN orders o ON o.customer_id = c.id
SELECT c.name FROM customer c STRAIGHT_JOIN orders o ON o.customer_id = c.id
SELECT name FROM customer USE INDEX (PRIMARY) WHERE id = 1
SELECT name FROM customer FORCE INDEX (PRIMARY)
SELECT name FROM customer IGNORE INDEX (PRIMARY)
SELECT * FROM customer NATURAL JOIN orders
SELECT * FROM customer JOIN orders USING (id)
SELECT * FROM customer c RIGHT JOIN orders o ON o.customer_id = c.id
SELECT name FROM customer ORDER BY FIELD(country, 'UK', 'France'), name
SELECT name FROM customer ORDER BY score IS NULL, score DESC
SELECT name FROM customer ORDER BY name COLLATE utf8mb4_bin
SELECT 'a' 'b'
SELECT 'it\'s', "say \"hi\""
SELECT _utf8mb4'a', N'a', x'41', 0x41, b'101'
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00'
SELECT CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, LOCALTIME, LOCALTIMESTAMP, UTC_DATE, UTC_TIMESTAMP
SELECT CURRENT_DATE(), CURRENT_TIMESTAMP(), NOW(), NOW(3), SYSDATE()
SELECT 1 FROM DUAL
SELECT name FROM customer WHERE (id, name) IN ((1, 'Ada'), (2, 'x'))
SELECT name FROM customer WHERE id > ALL (SELECT customer_id FROM orders WHERE total > 1000)
SELECT name FROM customer WHERE id = ANY (SELECT customer_id FROM orders)
SELECT CASE WHEN active THEN 'yes' ELSE 'no' END FROM customer
SELECT EXISTS (SELECT 1 FROM customer)
SELECT name FROM customer WHERE active IS TRUE AND score IS NOT NULL
SELECT MAX(total) OVER (PARTITION BY customer_id ORDER BY placed RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders
WITH v(a, b) AS (SELECT 1, 2 UNION ALL SELECT 3, 4) SELECT a FROM v
SELECT name FROM customer -- a comment
SELECT name FROM customer # a comment
SELECT 1 - -1, 5--\x{0009}five
SELECT name FROM customer WHERE name SOUNDS LIKE 'Ada'
SELECT DATE_FORMAT(placed, '%Y-%m') AS m, SUM(total) FROM orders GROUP BY m ORDER BY m
SELECT YEAR(placed) AS y, MONTH(placed) AS m, COUNT(*) FROM orders GROUP BY y, m
SELECT AVG(total) FROM orders WHERE placed >= DATE_SUB('2024-04-01', INTERVAL 90 DAY)

-- reason: functions
SELECT LENGTH(name) FROM customer
SELECT CHAR_LENGTH(name) FROM customer
SELECT CHARACTER_LENGTH(name) FROM customer
SELECT BIT_LENGTH(name) FROM customer
SELECT CONCAT(name, ' ', city) FROM customer
SELECT CONCAT_WS(', ', name, city) FROM customer
SELECT LEFT(name, 2) FROM customer
SELECT RIGHT(name, 2) FROM customer
SELECT SUBSTRING(name, 2) FROM customer
SELECT SUBSTRING(name, 1, 2) FROM customer
SELECT SUBSTRING(name FROM 1 FOR 2) FROM customer
SELECT SUBSTR(name, 1, 2) FROM customer
SELECT MID(name, 1, 2) FROM customer
SELECT SUBSTRING_INDEX(email, '@', -1) FROM customer
SELECT INSTR(name, 'a') FROM customer
SELECT LOCATE('a', name) FROM customer
SELECT LOCATE('a', name, 2) FROM customer
SELECT POSITION('a' IN name) FROM customer
SELECT LPAD(name, 10, '.') FROM customer
SELECT RPAD(name, 10, '.') FROM customer
SELECT LTRIM(name) FROM customer
SELECT RTRIM(name) FROM customer
SELECT TRIM(BOTH 'x' FROM name) FROM customer
SELECT UCASE(name) FROM customer
SELECT LCASE(name) FROM customer
SELECT REVERSE(name) FROM customer
SELECT REPEAT(name, 2) FROM customer
SELECT SPACE(3) FROM customer
SELECT INSERT(name, 1, 1, 'x') FROM customer
SELECT REPLACE(name, 'a', 'b') FROM customer
SELECT ELT(1, 'a', 'b') FROM customer
SELECT FIELD(name, 'Ada', 'x') FROM customer
SELECT FIND_IN_SET('a', 'a,b') FROM customer
SELECT MAKE_SET(1, 'a', 'b') FROM customer
SELECT EXPORT_SET(5, 'Y', 'N', ',', 4) FROM customer
SELECT FORMAT(score, 2) FROM customer
SELECT HEX(name) FROM customer
SELECT UNHEX('41') FROM customer
SELECT ASCII(name) FROM customer
SELECT ORD(name) FROM customer
SELECT CHAR(65) FROM customer
SELECT CHAR(65 USING utf8mb4) FROM customer
SELECT BIN(5) FROM customer
SELECT OCT(8) FROM customer
SELECT CONV('ff', 16, 10) FROM customer
SELECT QUOTE(name) FROM customer
SELECT SOUNDEX(name) FROM customer
SELECT STRCMP(name, 'x') FROM customer
SELECT TO_BASE64(name) FROM customer
SELECT FROM_BASE64('QQ==') FROM customer
SELECT MD5(name) FROM customer
SELECT SHA1(name) FROM customer
SELECT SHA2(name, 256) FROM customer
SELECT CRC32(name) FROM customer
SELECT COMPRESS(name) FROM customer
SELECT REGEXP_REPLACE(name, 'a', 'b') FROM customer
SELECT REGEXP_SUBSTR(name, 'A.') FROM customer
SELECT REGEXP_INSTR(name, 'a') FROM customer
SELECT IFNULL(email, 'none') FROM customer
SELECT NULLIF(city, 'x') FROM customer
SELECT COALESCE(email, city) FROM customer
SELECT ISNULL(email) FROM customer
SELECT GREATEST(score, 5) FROM customer
SELECT LEAST(score, 5) FROM customer
SELECT INTERVAL(5, 1, 10) FROM customer
SELECT ABS(score) FROM customer
SELECT CEIL(score) FROM customer
SELECT CEILING(score) FROM customer
SELECT FLOOR(score) FROM customer
SELECT ROUND(score, 1) FROM customer
SELECT TRUNCATE(score, 1) FROM customer
SELECT MOD(7, 3) FROM customer
SELECT POW(2, 3) FROM customer
SELECT POWER(2, 3) FROM customer
SELECT SQRT(4) FROM customer
SELECT EXP(1) FROM customer
SELECT LN(2) FROM customer
SELECT LOG(2, 8) FROM customer
SELECT LOG2(8) FROM customer
SELECT LOG10(100) FROM customer
SELECT SIGN(score) FROM customer
SELECT PI() FROM customer
SELECT RAND() FROM customer
SELECT RAND(1) FROM customer
SELECT DEGREES(1) FROM customer
SELECT RADIANS(1) FROM customer
SELECT SIN(1) FROM customer
SELECT COS(1) FROM customer
SELECT TAN(1) FROM customer
SELECT COT(1) FROM customer
SELECT ASIN(1) FROM customer
SELECT ACOS(1) FROM customer
SELECT ATAN(1) FROM customer
SELECT ATAN2(1, 2) FROM customer
SELECT CURDATE() FROM customer
SELECT CURTIME() FROM customer
SELECT DATE(born) FROM customer
SELECT TIME('10:00') FROM customer
SELECT TIMESTAMP(born) FROM customer
SELECT YEAR(born) FROM customer
SELECT QUARTER(born) FROM customer
SELECT MONTH(born) FROM customer
SELECT MONTHNAME(born) FROM customer
SELECT WEEK(born) FROM customer
SELECT WEEK(born, 1) FROM customer
SELECT WEEKOFYEAR(born) FROM customer
SELECT YEARWEEK(born) FROM customer
SELECT DAY(born) FROM customer
SELECT DAYOFMONTH(born) FROM customer
SELECT DAYOFWEEK(born) FROM customer
SELECT DAYOFYEAR(born) FROM customer
SELECT DAYNAME(born) FROM customer
SELECT WEEKDAY(born) FROM customer
SELECT HOUR('10:00') FROM customer
SELECT MINUTE('10:00') FROM customer
SELECT SECOND('10:00:01') FROM customer
SELECT MICROSECOND('10:00:01.5') FROM customer
SELECT LAST_DAY(born) FROM customer
SELECT DATEDIFF(CURDATE(), born) FROM customer
SELECT TIMEDIFF('10:00', '09:00') FROM customer
SELECT ADDDATE(born, 1) FROM customer
SELECT SUBDATE(born, INTERVAL 1 DAY) FROM customer
SELECT ADDTIME('10:00', '01:00') FROM customer
SELECT SUBTIME('10:00', '01:00') FROM customer
SELECT DATE_FORMAT(born, '%Y-%m-%d') FROM customer
SELECT TIME_FORMAT('10:00', '%H') FROM customer
SELECT STR_TO_DATE('2024-01-31', '%Y-%m-%d') FROM customer
SELECT FROM_UNIXTIME(1700000000) FROM customer
SELECT UNIX_TIMESTAMP() FROM customer
SELECT UNIX_TIMESTAMP(born) FROM customer
SELECT FROM_DAYS(738000) FROM customer
SELECT TO_DAYS(born) FROM customer
SELECT TO_SECONDS(born) FROM customer
SELECT MAKEDATE(2024, 31) FROM customer
SELECT MAKETIME(10, 0, 0) FROM customer
SELECT SEC_TO_TIME(60) FROM customer
SELECT TIME_TO_SEC('00:01') FROM customer
SELECT PERIOD_ADD(202401, 1) FROM customer
SELECT PERIOD_DIFF(202402, 202401) FROM customer
SELECT TIMESTAMPADD(DAY, 1, born) FROM customer
SELECT CONVERT_TZ('2024-01-01', '+00:00', '+01:00') FROM customer
SELECT GET_FORMAT(DATE, 'ISO') FROM customer
SELECT JSON_OBJECT('a', 1) FROM customer
SELECT JSON_ARRAY(1, 2) FROM customer
SELECT JSON_VALID('{}') FROM customer
SELECT JSON_LENGTH('[1]') FROM customer
SELECT JSON_KEYS('{"a": 1}') FROM customer
SELECT JSON_CONTAINS('[1]', '1') FROM customer
SELECT JSON_SEARCH('["a"]', 'one', 'a') FROM customer
SELECT JSON_TYPE('[]') FROM customer
SELECT JSON_DEPTH('[]') FROM customer
SELECT JSON_SET('{}', '$.a', 1) FROM customer
SELECT JSON_INSERT('{}', '$.a', 1) FROM customer
SELECT JSON_REPLACE('{}', '$.a', 1) FROM customer
SELECT JSON_REMOVE('{"a": 1}', '$.a') FROM customer
SELECT JSON_MERGE_PATCH('{}', '{"a": 1}') FROM customer
SELECT JSON_QUOTE('a') FROM customer
SELECT JSON_VALUE('{"a": 1}', '$.a') FROM customer
SELECT JSON_QUERY('{"a": {}}', '$.a') FROM customer
SELECT UUID() FROM customer
SELECT INET_ATON('10.0.0.1') FROM customer
SELECT INET_NTOA(1) FROM customer
SELECT IS_IPV4('10.0.0.1') FROM customer
SELECT BIT_COUNT(5) FROM customer
SELECT COLLATION(name) FROM customer
SELECT AES_ENCRYPT('a', 'k') FROM customer
SELECT ST_X(POINT(1, 2)) FROM customer
SELECT ST_ASTEXT(POINT(1, 2)) FROM customer

-- reason: aggregates
SELECT COUNT(DISTINCT city, country) FROM customer
SELECT STD(score) FROM customer
SELECT STDDEV(score) FROM customer
SELECT STDDEV_POP(score) FROM customer
SELECT STDDEV_SAMP(score) FROM customer
SELECT VARIANCE(score) FROM customer
SELECT VAR_POP(score) FROM customer
SELECT VAR_SAMP(score) FROM customer
SELECT BIT_AND(id) FROM customer
SELECT BIT_OR(id) FROM customer
SELECT BIT_XOR(id) FROM customer
SELECT JSON_ARRAYAGG(name) FROM customer
SELECT JSON_OBJECTAGG(name, city) FROM customer
SELECT GROUP_CONCAT(name) FROM customer
SELECT SUM(DISTINCT id) FROM customer
SELECT SUM(IF(active, 1, 0)) FROM customer
SELECT SUM(active) FROM customer
SELECT COUNT(IF(active, 1, NULL)) FROM customer
SELECT AVG(score > 5) FROM customer
