-- Statements for mysql that lock one must pass, one a line; \x{200B} stands for the character U+200B.
-- A heading names the kind of those below it. They run on the tables of shop.sql.

-- reason: plain reads
SELECT round(score, 1), abs(score) FROM customer
SELECT CAST(total AS SIGNED) FROM orders

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

-- reason: brackets and nesting
(SELECT 1)
((SELECT 1))
(SELECT 1) UNION (SELECT 2)

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
SELECT j.tagged FROM event, JSON_TABLE(payload, '$' COLUMNS (tagged INT EXISTS PATH '$.tags')) AS j
SELECT j.a FROM event, JSON_TABLE(payload, '$' COLUMNS (a INT PATH '$.a' DEFAULT '0' ON EMPTY NULL ON ERROR)) AS j
VALUES (1, 'a'), (2, 'b')
VALUES ROW(1, 'a'), ROW(2, 'b')
WITH v(a, b) AS (VALUES (1, 2), (3, 4)) SELECT a FROM v
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
