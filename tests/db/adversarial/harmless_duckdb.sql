-- Statements for duckdb that lock one must pass, one a line; \x{200B} stands for the character U+200B.
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

-- reason: brackets and nesting
(SELECT 1)
((SELECT 1))
(SELECT 1) UNION (SELECT 2)

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
SELECT id, name FROM customer ORDER BY id LIMIT 7 % 4
SELECT id, name FROM customer ORDER BY id LIMIT 5 - (SELECT count(*) FROM customer) % 2 OFFSET 3 % 2
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
