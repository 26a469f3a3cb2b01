-- Statements for duckdb that lock one must pass, one a line; \x{200B} stands for the character U+200B.
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

-- reason: DuckDB's own ways
FROM customer
FROM customer SELECT name WHERE id = 1
FROM customer AS c JOIN orders AS o ON o.customer_id = c.id SELECT c.name, o.total
SELECT * EXCLUDE (email) FROM customer
SELECT * REPLACE (upper(name) AS name) FROM customer
SELECT * RENAME (name AS n) FROM customer
SELECT COLUMNS('na.*') FROM customer
SELECT COLUMNS(c -> c LIKE 'n%') FROM customer
SELECT min(COLUMNS(*)) FROM customer
SELECT name, score FROM customer QUALIFY row_number() OVER (ORDER BY score DESC) = 1
SELECT city, count(*) FROM customer GROUP BY ALL ORDER BY ALL
SELECT DISTINCT ON (customer_id) * FROM orders ORDER BY customer_id, placed DESC
SELECT status, sum(total) FROM orders GROUP BY ROLLUP (status)
SELECT status, customer_id, sum(total) FROM orders GROUP BY CUBE (status, customer_id)
SELECT status, customer_id, sum(total), grouping(status) FROM orders GROUP BY GROUPING SETS ((status), (customer_id), ())
SELECT count(*) FILTER (WHERE status = 'paid') FROM orders
PIVOT orders ON status IN ('paid', 'open') USING sum(total)
PIVOT orders ON status IN ('paid') USING sum(total), count(*) GROUP BY customer_id
FROM (PIVOT orders ON status IN ('paid', 'open') USING sum(total))
SELECT * FROM orders PIVOT (sum(total) FOR status IN ('paid', 'open') GROUP BY customer_id)
UNPIVOT (SELECT id, price, weight FROM product) ON price, weight INTO NAME what VALUE amount
SELECT * FROM product UNPIVOT (amount FOR what IN (id, weight))
SELECT * FROM customer USING SAMPLE 10%
SELECT * FROM customer USING SAMPLE reservoir(2 ROWS)
SELECT * FROM customer TABLESAMPLE bernoulli(10%)
SELECT * FROM customer TABLESAMPLE reservoir(2)
SELECT * FROM customer ASOF JOIN orders ON customer.id >= orders.customer_id
SELECT * FROM customer POSITIONAL JOIN orders
SELECT * FROM customer SEMI JOIN orders ON orders.customer_id = customer.id
SELECT * FROM customer ANTI JOIN orders ON orders.customer_id = customer.id
SELECT c.name, o.total FROM customer c, LATERAL (SELECT * FROM orders o WHERE o.customer_id = c.id LIMIT 1) o
SELECT [1, 2, 3], {'a': 1, 'b': 'x'}, MAP {'k': 1}
SELECT [1, 2, 3][1], [1, 2, 3][1:2], {'a': 1}.a, {'a': 1}['a']
SELECT [x + 1 FOR x IN [1, 2, 3] IF x > 1]
SELECT list_transform([1, 2], x -> x + 1), list_filter([1, 2], x -> x > 1), list_reduce([1, 2], (a, b) -> a + b)
SELECT list_transform([1, 2], lambda x: x + 1)
SELECT unnest([1, 2, 3]) AS n
SELECT unnest({'a': 1, 'b': 2})
SELECT * FROM range(10) AS r(i)
SELECT * FROM generate_series(1, 10, 2) AS g(i)
SELECT d FROM range(DATE '2024-01-01', DATE '2024-02-01', INTERVAL 1 DAY) AS t(d)
SELECT name.upper().lower() FROM customer
SELECT ('a b').string_split(' ')
SELECT id::VARCHAR, TRY_CAST('x' AS INTEGER), '2024-01-01'::DATE FROM customer
SELECT CAST(score AS DECIMAL(10, 2)), CAST([1] AS BIGINT[]) FROM customer
SELECT name FROM customer WHERE name ILIKE 'a%'
SELECT name FROM customer WHERE name GLOB 'A*'
SELECT name FROM customer WHERE regexp_matches(name, '^A')
SELECT name FROM customer WHERE name ~ 'A.*'
SELECT name FROM customer WHERE name SIMILAR TO 'A.*'
SELECT name FROM customer WHERE id IN [1, 2]
SELECT 7 // 2, 7 % 2, 2 ** 3, 2 ^ 3, 5 & 3, 5 | 3, ~5, 5 << 1
SELECT placed + INTERVAL 1 DAY, placed - INTERVAL '2 hours' FROM orders
SELECT placed + INTERVAL (id) DAY FROM orders
SELECT payload -> 'page', payload ->> '$.page', payload::JSON FROM event
SELECT payload::JSON ->> '$.tags[0]' FROM event
SELECT name FROM customer ORDER BY score DESC NULLS FIRST LIMIT 50%
SELECT name FROM customer LIMIT 1 OFFSET 1
SELECT a: 1, b: 'x'
SELECT 1_000_000, 1e3, 0xFF
SELECT $$it's$$, $t$a $$ b$t$, E'a\nb'
SELECT #1 FROM customer
SELECT t FROM customer AS t
SELECT struct_pack(a := 1, b := name) FROM customer
SELECT row(1, 'a'), (1, 'a')
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, name)
VALUES (1, 'a'), (2, 'b')
WITH x AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM x
WITH x AS (FROM customer) FROM x SELECT name
SELECT name FROM customer UNION BY NAME SELECT name, id FROM employee
SELECT name FROM customer UNION ALL BY NAME SELECT name FROM employee
SELECT shop.main.customer.name FROM shop.main.customer
SELECT main.customer.name FROM main.customer
SELECT first(name ORDER BY id), last(name ORDER BY id) FROM customer
SELECT arg_max(name, score), arg_min(name, score) FROM customer
SELECT max(name, 2) FROM customer
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders
SELECT mode() WITHIN GROUP (ORDER BY status) FROM orders
SELECT sum(total) OVER (ORDER BY placed RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND CURRENT ROW) FROM orders
SELECT lag(total IGNORE NULLS) OVER (ORDER BY id) FROM orders
SELECT last_value(total) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM orders
SELECT score IS DISTINCT FROM 1 FROM customer
SELECT extract(year FROM placed), date_part('dow', placed), placed::DATE FROM orders
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', INTERVAL '1 year'
SELECT CURRENT_DATE, CURRENT_TIMESTAMP, now(), today()
SELECT name FROM customer WHERE (id, name) IN ((1, 'Ada'))
SELECT CASE WHEN active THEN 1 END FROM customer
SELECT if(score > 5, 'a', 'b') FROM customer
SELECT ARRAY[1, 2], ARRAY(SELECT id FROM customer)
SELECT id FROM event WHERE json_extract_string(payload, '$.page') = 'home'
SELECT * FROM json_each('{"a": 1}')
SELECT date_trunc('month', placed) AS m, sum(total) FROM orders GROUP BY m ORDER BY m
SELECT name FROM customer WHERE list_contains(['Ada'], name)
WITH RECURSIVE t(id, path) AS (SELECT id, [id] FROM employee WHERE boss_id IS NULL UNION ALL SELECT e.id, list_append(path, e.id) FROM employee e JOIN t ON e.boss_id = t.id) SELECT * FROM t

-- reason: functions
SELECT length(name) FROM customer
SELECT strlen(name) FROM customer
SELECT len(name) FROM customer
SELECT char_length(name) FROM customer
SELECT left(name, 2) FROM customer
SELECT right(name, 2) FROM customer
SELECT substr(name, 1, 2) FROM customer
SELECT substring(name, 1, 2) FROM customer
SELECT instr(name, 'a') FROM customer
SELECT strpos(name, 'a') FROM customer
SELECT position('a' IN name) FROM customer
SELECT contains(name, 'a') FROM customer
SELECT starts_with(name, 'A') FROM customer
SELECT ends_with(name, 'a') FROM customer
SELECT prefix(name, 'A') FROM customer
SELECT suffix(name, 'a') FROM customer
SELECT lpad(name, 10, '.') FROM customer
SELECT rpad(name, 10, '.') FROM customer
SELECT repeat(name, 2) FROM customer
SELECT reverse(name) FROM customer
SELECT concat(name, ' ', city) FROM customer
SELECT concat_ws(', ', name, city) FROM customer
SELECT string_split(name, ' ') FROM customer
SELECT split_part(email, '@', 2) FROM customer
SELECT regexp_replace(name, '[aeiou]', '', 'g') FROM customer
SELECT regexp_extract(name, 'A(.*)', 1) FROM customer
SELECT regexp_extract_all(name, '.') FROM customer
SELECT regexp_full_match(name, 'A.*') FROM customer
SELECT translate(name, 'abc', 'xyz') FROM customer
SELECT ascii(name) FROM customer
SELECT chr(65) FROM customer
SELECT ord(name) FROM customer
SELECT unicode(name) FROM customer
SELECT md5(name) FROM customer
SELECT sha256(name) FROM customer
SELECT hash(name) FROM customer
SELECT hex(name) FROM customer
SELECT unhex('41') FROM customer
SELECT base64('a'::BLOB) FROM customer
SELECT to_base64('a'::BLOB) FROM customer
SELECT format('{} is {}', name, id) FROM customer
SELECT printf('%s', name) FROM customer
SELECT levenshtein(name, 'x') FROM customer
SELECT jaccard(name, 'xa') FROM customer
SELECT jaro_winkler_similarity(name, 'x') FROM customer
SELECT strip_accents(name) FROM customer
SELECT url_encode(name) FROM customer
SELECT ltrim(name) FROM customer
SELECT rtrim(name) FROM customer
SELECT trim(name, 'x') FROM customer
SELECT ucase(name) FROM customer
SELECT lcase(name) FROM customer
SELECT bar(score, 0, 10, 5) FROM customer
SELECT abs(score) FROM customer
SELECT ceil(score) FROM customer
SELECT floor(score) FROM customer
SELECT round(score, 1) FROM customer
SELECT round_even(score, 1) FROM customer
SELECT trunc(score) FROM customer
SELECT sqrt(4) FROM customer
SELECT cbrt(27) FROM customer
SELECT pow(2, 3) FROM customer
SELECT power(2, 3) FROM customer
SELECT exp(1) FROM customer
SELECT ln(2) FROM customer
SELECT log(100) FROM customer
SELECT log2(8) FROM customer
SELECT log10(100) FROM customer
SELECT mod(7, 3) FROM customer
SELECT fmod(7, 3) FROM customer
SELECT gcd(12, 8) FROM customer
SELECT lcm(4, 6) FROM customer
SELECT sign(score) FROM customer
SELECT pi() FROM customer
SELECT random() FROM customer
SELECT even(3) FROM customer
SELECT factorial(5) FROM customer
SELECT greatest(score, 5) FROM customer
SELECT least(score, 5) FROM customer
SELECT sin(1) FROM customer
SELECT atan2(1, 2) FROM customer
SELECT degrees(1) FROM customer
SELECT radians(1) FROM customer
SELECT isnan(score) FROM customer
SELECT isinf(score) FROM customer
SELECT ifnull(email, '') FROM customer
SELECT nullif(city, 'x') FROM customer
SELECT coalesce(email, city) FROM customer
SELECT year(born) FROM customer
SELECT month(born) FROM customer
SELECT day(born) FROM customer
SELECT quarter(born) FROM customer
SELECT week(born) FROM customer
SELECT dayofweek(born) FROM customer
SELECT dayofyear(born) FROM customer
SELECT weekofyear(born) FROM customer
SELECT isodow(born) FROM customer
SELECT yearweek(born) FROM customer
SELECT dayname(born) FROM customer
SELECT monthname(born) FROM customer
SELECT last_day(born) FROM customer
SELECT date_part('year', born) FROM customer
SELECT date_trunc('month', born) FROM customer
SELECT date_diff('day', born, CURRENT_DATE) FROM customer
SELECT datediff('month', born, CURRENT_DATE) FROM customer
SELECT date_sub('day', born, CURRENT_DATE) FROM customer
SELECT date_add(born, INTERVAL 1 DAY) FROM customer
SELECT age(born::TIMESTAMP) FROM customer
SELECT strftime(born, '%Y-%m') FROM customer
SELECT strptime('2024-01-31', '%Y-%m-%d') FROM customer
SELECT try_strptime('x', '%Y') FROM customer
SELECT make_date(2024, 1, 31) FROM customer
SELECT make_timestamp(2024, 1, 31, 0, 0, 0.0) FROM customer
SELECT epoch(born::TIMESTAMP) FROM customer
SELECT epoch_ms(1700000000000) FROM customer
SELECT to_timestamp(1700000000) FROM customer
SELECT to_days(3) FROM customer
SELECT to_months(3) FROM customer
SELECT time_bucket(INTERVAL '1 month', born) FROM customer
SELECT century(born) FROM customer
SELECT era(born) FROM customer
SELECT list_value(1, 2) FROM customer
SELECT list_sort([2, 1]) FROM customer
SELECT list_reverse_sort([2, 1]) FROM customer
SELECT list_distinct([1, 1]) FROM customer
SELECT list_unique([1, 1]) FROM customer
SELECT list_concat([1], [2]) FROM customer
SELECT list_append([1], 2) FROM customer
SELECT list_prepend(0, [1]) FROM customer
SELECT list_extract([1, 2], 1) FROM customer
SELECT list_position([1, 2], 2) FROM customer
SELECT list_has_any([1], [1, 2]) FROM customer
SELECT list_has_all([1, 2], [1]) FROM customer
SELECT list_slice([1, 2, 3], 1, 2) FROM customer
SELECT list_aggregate([1, 2], 'sum') FROM customer
SELECT list_sum([1, 2]) FROM customer
SELECT list_avg([1, 2]) FROM customer
SELECT list_zip([1], [2]) FROM customer
SELECT array_length([1, 2]) FROM customer
SELECT array_to_string([1, 2], ',') FROM customer
SELECT array_contains([1], 1) FROM customer
SELECT flatten([[1], [2]]) FROM customer
SELECT generate_series(1, 3) FROM customer
SELECT range(3) FROM customer
SELECT struct_extract({'a': 1}, 'a') FROM customer
SELECT struct_insert({'a': 1}, b := 2) FROM customer
SELECT map([1], ['a']) FROM customer
SELECT map_keys(MAP {'a': 1}) FROM customer
SELECT map_values(MAP {'a': 1}) FROM customer
SELECT map_entries(MAP {'a': 1}) FROM customer
SELECT cardinality(MAP {'a': 1}) FROM customer
SELECT element_at(MAP {'a': 1}, 'a') FROM customer
SELECT json_extract('{"a": 1}', '$.a') FROM customer
SELECT json_extract_string('{"a": 1}', '$.a') FROM customer
SELECT json_array_length('[1]') FROM customer
SELECT json_keys('{"a": 1}') FROM customer
SELECT json_type('[]') FROM customer
SELECT json_valid('{}') FROM customer
SELECT json_structure('{"a": 1}') FROM customer
SELECT json_object('a', 1) FROM customer
SELECT json_array(1, 2) FROM customer
SELECT json_merge_patch('{}', '{"a": 1}') FROM customer
SELECT json_transform('{"a": 1}', '{"a": "INTEGER"}') FROM customer
SELECT to_json(name) FROM customer
SELECT from_json('{"a": 1}', '{"a": "INTEGER"}') FROM customer
SELECT row_to_json({'a': 1}) FROM customer
SELECT typeof(score) FROM customer
SELECT uuid() FROM customer
SELECT gen_random_uuid() FROM customer
SELECT bit_count(5) FROM customer
SELECT format_bytes(1024) FROM customer
SELECT parse_filename('a/b.c') FROM customer
SELECT to_hex(255) FROM customer
SELECT to_base(5, 2) FROM customer
SELECT array_distance([1.0, 2.0]::FLOAT[2], [1.0, 3.0]::FLOAT[2]) FROM customer
SELECT list_cosine_similarity([1.0, 2.0], [1.0, 3.0]) FROM customer

-- reason: aggregates
SELECT any_value(name) FROM customer
SELECT approx_count_distinct(city) FROM customer
SELECT approx_quantile(score, 0.5) FROM customer
SELECT array_agg(name ORDER BY name) FROM customer
SELECT list(name) FROM customer
SELECT string_agg(name, ', ' ORDER BY name) FROM customer
SELECT group_concat(name, ',') FROM customer
SELECT bool_and(active) FROM customer
SELECT bool_or(active) FROM customer
SELECT bit_and(id) FROM customer
SELECT bit_xor(id) FROM customer
SELECT corr(score, id) FROM customer
SELECT covar_pop(score, id) FROM customer
SELECT count_if(active) FROM customer
SELECT entropy(city) FROM customer
SELECT favg(score) FROM customer
SELECT fsum(score) FROM customer
SELECT first(name) FROM customer
SELECT geomean(score) FROM customer
SELECT histogram(city) FROM customer
SELECT kurtosis(score) FROM customer
SELECT mad(score) FROM customer
SELECT max_by(name, score) FROM customer
SELECT median(score) FROM customer
SELECT min_by(name, score) FROM customer
SELECT mode(city) FROM customer
SELECT product(score) FROM customer
SELECT quantile_cont(score, 0.5) FROM customer
SELECT quantile_disc(score, [0.25, 0.75]) FROM customer
SELECT regr_slope(score, id) FROM customer
SELECT skewness(score) FROM customer
SELECT stddev(score) FROM customer
SELECT stddev_pop(score) FROM customer
SELECT var_samp(score) FROM customer
SELECT variance(score) FROM customer
SELECT json_group_array(name) FROM customer
SELECT json_group_object(name, city) FROM customer
