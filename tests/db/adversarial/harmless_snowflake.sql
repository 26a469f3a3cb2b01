-- Statements for Snowflake that lock one must pass, one a line.

-- reason: Snowflake's own ways
SELECT name FROM customer QUALIFY ROW_NUMBER() OVER (ORDER BY score DESC) = 1
SELECT src:page::STRING FROM event
SELECT src:tags[0]::STRING, src['page'] FROM event
SELECT f.value FROM event, LATERAL FLATTEN(INPUT => src:tags) f
SELECT f.value FROM event, TABLE(FLATTEN(src:tags)) f
SELECT * FROM customer SAMPLE (10)
SELECT * FROM customer TABLESAMPLE BERNOULLI (10)
SELECT TOP 3 name FROM customer
SELECT * FROM orders PIVOT (SUM(total) FOR status IN ('paid', 'open'))
SELECT * FROM product UNPIVOT (amount FOR what IN (price, weight))
SELECT name FROM customer WHERE name ILIKE 'a%'
SELECT name FROM customer WHERE name RLIKE 'A.*'
SELECT name FROM customer WHERE name LIKE ANY ('a%', 'b%')
SELECT * EXCLUDE (email) FROM customer
SELECT * RENAME (name AS n) FROM customer
SELECT status, SUM(total) FROM orders GROUP BY ROLLUP (status)
SELECT status, SUM(total) FROM orders GROUP BY GROUPING SETS ((status), ())
SELECT status, COUNT(*) FROM orders GROUP BY ALL
SELECT LISTAGG(name, ', ') WITHIN GROUP (ORDER BY name) FROM customer
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY total) FROM orders
SELECT total::NUMBER(10, 2), name::VARCHAR FROM orders, customer
SELECT TRY_CAST(name AS INT) FROM customer
SELECT "name" FROM "customer"
SELECT name FROM db.public.customer
SELECT $$it's$$
SELECT name FROM customer // a comment
SELECT name FROM customer -- a comment
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n
WITH x AS (SELECT * FROM orders) SELECT COUNT(*) FROM x
SELECT name FROM customer MINUS SELECT name FROM employee
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, name)
SELECT LAG(total) IGNORE NULLS OVER (ORDER BY placed) FROM orders

-- reason: functions
SELECT IFF(score > 5, 'a', 'b') FROM customer
SELECT NVL(email, 'none'), NVL2(email, 1, 0), ZEROIFNULL(score) FROM customer
SELECT DATEADD(day, 1, placed), DATEDIFF(day, placed, CURRENT_DATE()) FROM orders
SELECT DATE_TRUNC('month', placed), DATE_PART(year, placed), YEAR(placed) FROM orders
SELECT TO_DATE('2024-01-31'), TO_CHAR(placed, 'YYYY-MM'), TO_TIMESTAMP('2024-01-31') FROM orders
SELECT LAST_DAY(placed), MONTHNAME(placed), DAYNAME(placed) FROM orders
SELECT ARRAY_AGG(name), OBJECT_AGG(name, score) FROM customer
SELECT OBJECT_CONSTRUCT('a', 1), ARRAY_CONSTRUCT(1, 2), ARRAY_SIZE(ARRAY_CONSTRUCT(1))
SELECT PARSE_JSON('{"a": 1}'):a::INT
SELECT TRY_PARSE_JSON('x')
SELECT SPLIT_PART(email, '@', 2), CHARINDEX('@', email), REGEXP_SUBSTR(email, '@.*') FROM customer
SELECT REGEXP_REPLACE(name, 'a', 'b'), REGEXP_LIKE(name, 'A.*') FROM customer
SELECT LEFT(name, 1), RIGHT(name, 1), SUBSTR(name, 1, 2), LPAD(name, 5, '.') FROM customer
SELECT MEDIAN(score), STDDEV(score), APPROX_COUNT_DISTINCT(city) FROM customer
SELECT MAX_BY(name, score), MIN_BY(name, score), ANY_VALUE(city) FROM customer
SELECT DIV0(total, 0), SQUARE(2), CEIL(total), FLOOR(total), ROUND(total, 1) FROM orders
SELECT RATIO_TO_REPORT(total) OVER () FROM orders
SELECT BOOLAND_AGG(active), BOOLOR_AGG(active), COUNT_IF(active) FROM customer
SELECT HASH(name), MD5(name), SHA2(name) FROM customer
SELECT COALESCE(email, city), NULLIF(city, 'x'), GREATEST(1, 2), LEAST(1, 2) FROM customer
SELECT MONTHS_BETWEEN(placed, CURRENT_DATE()), ADD_MONTHS(placed, 1) FROM orders
SELECT TIME_SLICE(placed, 1, 'week') FROM orders
SELECT STRTOK(name, ' ', 1), STRTOK_TO_ARRAY(name, ' ') FROM customer
SELECT GET_PATH(src, 'page') FROM event
SELECT TRY_TO_NUMBER(name), TRY_TO_DATE(name) FROM customer
SELECT CURRENT_DATE(), CURRENT_TIMESTAMP()
SELECT UNIFORM(1, 10, RANDOM())
SELECT seq.value FROM TABLE(FLATTEN(ARRAY_GENERATE_RANGE(0, 9))) seq
SELECT CASE WHEN active THEN 1 ELSE 0 END, DECODE(status, 'paid', 1, 0) FROM customer, orders
SELECT EXTRACT(year FROM placed), CONVERT_TIMEZONE('UTC', placed) FROM orders
SELECT CONTAINS(name, 'a'), STARTSWITH(name, 'A'), ENDSWITH(name, 'a') FROM customer
SELECT TYPEOF(src), IS_NULL_VALUE(src:page) FROM event
