-- Statements for BigQuery that lock one must pass, one a line.

-- reason: BigQuery's own ways
SELECT name FROM `proj.shop.customer`
SELECT name FROM `proj`.`shop`.`customer`
SELECT name FROM `proj-1`.shop.customer
SELECT name FROM shop.customer AS c
SELECT * EXCEPT (email) FROM customer
SELECT * REPLACE (UPPER(name) AS name) FROM customer
SELECT name FROM customer QUALIFY ROW_NUMBER() OVER (ORDER BY score DESC) = 1
SELECT t FROM event, UNNEST(tags) AS t
SELECT t, o FROM event, UNNEST(tags) AS t WITH OFFSET AS o
SELECT * FROM UNNEST([1, 2, 3]) AS n
SELECT * FROM UNNEST([STRUCT(1 AS a, 'x' AS b)])
SELECT ARRAY(SELECT name FROM customer), [1, 2][OFFSET(0)], [1, 2][SAFE_OFFSET(5)]
SELECT STRUCT(1 AS a, 'x' AS b).a
SELECT ARRAY<INT64>[1, 2], STRUCT<a INT64, b STRING>(1, 'x')
SELECT AS STRUCT name, city FROM customer
SELECT AS VALUE STRUCT(name) FROM customer
SELECT DISTINCT city FROM customer
SELECT name FROM customer WHERE name LIKE 'A%' AND id IN UNNEST([1, 2])
SELECT * FROM customer TABLESAMPLE SYSTEM (10 PERCENT)
SELECT * FROM customer FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
SELECT * FROM orders PIVOT (SUM(total) FOR status IN ('paid', 'open'))
SELECT * FROM product UNPIVOT (amount FOR what IN (price, weight))
SELECT status, SUM(total) FROM orders GROUP BY ROLLUP (status)
SELECT status, SUM(total) FROM orders GROUP BY GROUPING SETS ((status), ())
SELECT name FROM customer UNION DISTINCT SELECT name FROM employee
SELECT name FROM customer UNION ALL SELECT name FROM employee
SELECT id FROM customer EXCEPT DISTINCT SELECT customer_id FROM orders
SELECT r'a\d', '''it's''', "x", b'ab'
SELECT name FROM customer # a comment
SELECT name FROM customer -- a comment
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n
SELECT SUM(total) OVER (PARTITION BY customer_id ORDER BY placed ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders
SELECT _TABLE_SUFFIX FROM `proj.shop.events_*`
SELECT CAST(total AS STRING), SAFE_CAST(name AS INT64) FROM orders, customer
SELECT DATE '2024-01-31', TIMESTAMP '2024-01-31 00:00:00', NUMERIC '1.5'

-- reason: functions
SELECT IF(score > 5, 'a', 'b'), IFNULL(email, ''), COALESCE(email, city) FROM customer
SELECT DATE_ADD(born, INTERVAL 1 DAY), DATE_SUB(born, INTERVAL 1 MONTH), DATE_DIFF(CURRENT_DATE(), born, YEAR) FROM customer
SELECT DATE_TRUNC(born, MONTH), EXTRACT(YEAR FROM born), FORMAT_DATE('%Y-%m', born) FROM customer
SELECT PARSE_DATE('%Y-%m-%d', '2024-01-31'), DATE(2024, 1, 31), LAST_DAY(born) FROM customer
SELECT TIMESTAMP_DIFF(placed, placed, HOUR), TIMESTAMP_TRUNC(placed, DAY), UNIX_SECONDS(placed) FROM orders
SELECT TIMESTAMP_SECONDS(1700000000), TIMESTAMP_MILLIS(1700000000000)
SELECT SAFE_DIVIDE(total, 0), ROUND(total, 1), MOD(7, 3), DIV(7, 2) FROM orders
SELECT COUNTIF(active), LOGICAL_AND(active), LOGICAL_OR(active) FROM customer
SELECT ARRAY_AGG(name ORDER BY name LIMIT 3), STRING_AGG(name, ', ') FROM customer
SELECT ARRAY_LENGTH([1]), ARRAY_TO_STRING(['a'], ','), ARRAY_CONCAT([1], [2]), ARRAY_REVERSE([1])
SELECT GENERATE_ARRAY(1, 5), GENERATE_DATE_ARRAY('2024-01-01', '2024-01-31')
SELECT APPROX_QUANTILES(score, 4), APPROX_COUNT_DISTINCT(city), APPROX_TOP_COUNT(city, 3) FROM customer
SELECT REGEXP_CONTAINS(name, r'^A'), REGEXP_EXTRACT(name, r'A(.*)'), REGEXP_REPLACE(name, 'a', 'b') FROM customer
SELECT SPLIT(email, '@')[OFFSET(1)], STARTS_WITH(name, 'A'), ENDS_WITH(name, 'a'), STRPOS(name, 'a') FROM customer
SELECT SUBSTR(name, 1, 2), LPAD(name, 5), INITCAP(name), REVERSE(name), REPEAT(name, 2) FROM customer
SELECT JSON_VALUE(payload, '$.page'), JSON_QUERY(payload, '$.tags'), JSON_EXTRACT_SCALAR(payload, '$.page') FROM event
SELECT TO_JSON_STRING(STRUCT(1 AS a)), PARSE_JSON('{}')
SELECT FARM_FINGERPRINT(name), MD5(name), SHA256(name), TO_HEX(MD5(name)) FROM customer
SELECT SAFE.SUBSTR(name, 0, -2), NET.HOST('https://a.b/c') FROM customer
SELECT PERCENTILE_CONT(score, 0.5) OVER () FROM customer
SELECT ANY_VALUE(name), MAX(score), MIN(born), STDDEV(score), VARIANCE(score), CORR(score, id) FROM customer
SELECT FORMAT('%s is %d', name, id), CONCAT(name, ' ', city), LENGTH(name), CHAR_LENGTH(name) FROM customer
SELECT ST_DISTANCE(ST_GEOGPOINT(1, 2), ST_GEOGPOINT(3, 4))
SELECT FIRST_VALUE(name) OVER (ORDER BY id), LAG(name) OVER (ORDER BY id), NTILE(4) OVER (ORDER BY id) FROM customer
SELECT CURRENT_DATE(), CURRENT_TIMESTAMP(), CURRENT_DATETIME()
SELECT GREATEST(1, 2), LEAST(1, 2), ABS(-1), SIGN(-1), POW(2, 3), SQRT(4), LN(2), LOG(8, 2)
SELECT RAND(), GENERATE_UUID()
SELECT EXTRACT(DAYOFWEEK FROM born), DATE_FROM_UNIX_DATE(1), UNIX_DATE(born) FROM customer
SELECT CASE status WHEN 'paid' THEN 1 ELSE 0 END, NULLIF(status, 'x') FROM orders
SELECT DATETIME(placed), DATETIME_DIFF(DATETIME(placed), DATETIME(placed), DAY), TIME(placed) FROM orders
