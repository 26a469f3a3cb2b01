-- Statements for postgres that lock one must pass, one a line; \x{200B} stands for the character U+200B.
-- A heading names the kind of those below it. They run on the tables of shop.sql.

-- reason: plain reads
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

-- reason: PostgreSQL's own ways
SELECT DISTINCT ON (customer_id) * FROM orders ORDER BY customer_id, placed DESC
SELECT name FROM customer WHERE name ILIKE 'a%'
SELECT name FROM customer WHERE name ~ '^A' AND name !~ 'x' AND name ~* 'd'
SELECT name FROM customer WHERE name SIMILAR TO '(A|B)%'
SELECT total::int, total::text, total::numeric(10,1) FROM orders
SELECT placed::date, '2024-01-01'::date, now()::timestamptz FROM orders
SELECT CAST(total AS numeric(12, 4)), CAST(name AS varchar(10)) FROM orders, customer
SELECT placed + interval '1 day', placed - interval '2 hours 30 minutes' FROM orders
SELECT placed AT TIME ZONE 'UTC' FROM orders
SELECT count(*) FILTER (WHERE status = 'paid') FROM orders
SELECT status, sum(total) FROM orders GROUP BY ROLLUP (status)
SELECT status, customer_id, sum(total) FROM orders GROUP BY CUBE (status, customer_id)
SELECT status, customer_id, sum(total), grouping(status) FROM orders GROUP BY GROUPING SETS ((status), (customer_id), ())
SELECT * FROM generate_series(1, 10) AS g(n)
SELECT n FROM generate_series(1, 10, 2) AS n
SELECT d::date FROM generate_series('2024-01-01'::date, '2024-12-31'::date, '1 month') AS d
SELECT c.name, o.total FROM customer c, LATERAL (SELECT * FROM orders o WHERE o.customer_id = c.id ORDER BY total DESC LIMIT 1) o
SELECT c.name, x.n FROM customer c LEFT JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.customer_id = c.id) x ON true
SELECT c.name, t.w FROM customer c CROSS JOIN LATERAL unnest(string_to_array(c.name, ' ')) AS t(w)
SELECT unnest(ARRAY[1, 2, 3])
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) AS u(n, t)
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(t, i)
SELECT ARRAY[1, 2] || 3, (ARRAY[1, 2, 3])[2], ARRAY[[1, 2], [3, 4]]
SELECT ARRAY(SELECT name FROM customer ORDER BY name)
SELECT name FROM customer WHERE id = ANY (ARRAY[1, 2])
SELECT name FROM customer WHERE id = ANY ('{1,2}'::int[])
SELECT name FROM customer WHERE id <> ALL (ARRAY[1, 2])
SELECT name FROM customer WHERE id > SOME (SELECT customer_id FROM orders)
SELECT ARRAY[1, 2] @> ARRAY[1], ARRAY[1] <@ ARRAY[1, 2], ARRAY[1] && ARRAY[1]
SELECT array_agg(name ORDER BY name) FROM customer
SELECT string_agg(name, ', ' ORDER BY name DESC) FROM customer
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders
SELECT mode() WITHIN GROUP (ORDER BY status) FROM orders
SELECT payload::json ->> 'page', payload::jsonb -> 'tags' -> 0 FROM event
SELECT payload::jsonb #>> '{tags,0}' FROM event
SELECT id FROM event WHERE payload::jsonb @> '{"page": "home"}'
SELECT id FROM event WHERE payload::jsonb ? 'page'
SELECT k, v FROM event, jsonb_each_text(payload::jsonb) AS e(k, v)
SELECT t FROM event, jsonb_array_elements_text(payload::jsonb -> 'tags') AS t
SELECT * FROM json_to_recordset('[{"a": 1, "b": "x"}]') AS r(a int, b text)
SELECT * FROM jsonb_to_record('{"a": 1}') AS r(a numeric(10, 2))
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, name)
VALUES (1, 'a'), (2, 'b')
SELECT id, name FROM customer ORDER BY id LIMIT 7 % 4
SELECT id, name FROM customer ORDER BY id LIMIT 5 - (SELECT count(*) FROM customer) % 2 OFFSET 3 % 2
SELECT @ -5
SELECT id FROM customer WHERE @ score - 5 > 1 ORDER BY @ score
WITH v(a, b) AS (VALUES (1, 2), (3, 4)) SELECT a FROM v
WITH x AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM x
WITH x AS NOT MATERIALIZED (SELECT 1 AS a) SELECT a FROM x
SELECT * FROM customer TABLESAMPLE SYSTEM (10)
SELECT * FROM customer TABLESAMPLE BERNOULLI (50) REPEATABLE (1)
SELECT name FROM customer ORDER BY score DESC NULLS LAST FETCH FIRST 2 ROWS ONLY
SELECT name FROM customer OFFSET 1 ROWS FETCH NEXT 1 ROW ONLY
SELECT name FROM customer ORDER BY name COLLATE "C"
SELECT * FROM customer NATURAL JOIN orders
SELECT * FROM customer FULL OUTER JOIN orders USING (id)
SELECT * FROM customer c RIGHT JOIN orders o ON o.customer_id = c.id
SELECT score IS DISTINCT FROM 1, score IS NOT DISTINCT FROM NULL FROM customer
SELECT active IS TRUE, active IS NOT FALSE, active IS UNKNOWN FROM customer
SELECT extract(year FROM placed), extract(epoch FROM placed), extract(dow FROM placed) FROM orders
SELECT (placed, placed) OVERLAPS (placed, interval '1 day') FROM orders
SELECT $$it's$$, $tag$a $$ b$tag$
SELECT E'a\nb', E'it\'s'
SELECT B'101', X'1F'
SELECT 5 # 3, 5 | 3, 5 & 3, ~5, 5 << 1, |/ 25, 2 ^ 3
SELECT ROW(1, 'a'), (1, 'a') = (1, 'a')
SELECT c FROM customer c
SELECT (c).name FROM customer c
SELECT c.* FROM customer c
SELECT sum(total) OVER (ORDER BY placed RANGE BETWEEN interval '30 days' PRECEDING AND CURRENT ROW) FROM orders
SELECT sum(total) OVER (ORDER BY id GROUPS 1 PRECEDING EXCLUDE TIES) FROM orders
SELECT name FROM customer UNION ALL (SELECT name FROM employee ORDER BY name LIMIT 1)
SELECT * FROM ONLY customer
SELECT public.customer.name FROM public.customer
SELECT pg_catalog.lower(name), pg_catalog.count(*) FROM customer GROUP BY 1
SELECT EXISTS (SELECT FROM orders WHERE total > 1000)
SELECT name FROM customer WHERE born = DATE '1985-12-10'
SELECT TIMESTAMP '2024-01-01 00:00', INTERVAL '1' YEAR, TIME '10:00'
SELECT to_tsvector('english', name) @@ to_tsquery('english', 'ada') FROM customer
SELECT CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, LOCALTIME, LOCALTIMESTAMP
SELECT CURRENT_TIMESTAMP(0)
SELECT substring(name FROM 1 FOR 2), substring(name FROM '^.'), trim(BOTH 'x' FROM name), position('a' IN name), overlay(name PLACING 'x' FROM 1) FROM customer
SELECT int4range(1, 5) @> 3, daterange('2024-01-01', '2024-02-01') && daterange('2024-01-15', '2024-03-01')
SELECT xmlelement(name a, name) FROM customer
SELECT point(1, 2) <-> point(3, 4)
SELECT '192.168.0.1'::inet << '192.168.0.0/24'::cidr
WITH RECURSIVE t(id, path) AS (SELECT id, ARRAY[id] FROM employee WHERE boss_id IS NULL UNION ALL SELECT e.id, path || e.id FROM employee e JOIN t ON e.boss_id = t.id) SELECT * FROM t
SELECT (SELECT sum(x) FROM unnest(ARRAY[1, 2]) AS x)
SELECT date_trunc('month', placed) AS m, sum(total) FROM orders GROUP BY 1 ORDER BY 1
SELECT u.pg_rating FROM (SELECT 1 AS pg_rating) u

-- reason: functions
SELECT length(name) FROM customer
SELECT char_length(name) FROM customer
SELECT octet_length(name) FROM customer
SELECT left(name, 2) FROM customer
SELECT right(name, 2) FROM customer
SELECT substr(name, 1, 2) FROM customer
SELECT substring(name, 1, 2) FROM customer
SELECT strpos(name, 'a') FROM customer
SELECT initcap(name) FROM customer
SELECT lpad(name, 10, '.') FROM customer
SELECT rpad(name, 10) FROM customer
SELECT repeat('ab', 3) FROM customer
SELECT reverse(name) FROM customer
SELECT concat(name, ' ', city) FROM customer
SELECT concat_ws(', ', name, city) FROM customer
SELECT split_part(email, '@', 2) FROM customer
SELECT string_to_array(email, '@') FROM customer
SELECT regexp_replace(name, '[aeiou]', '', 'g') FROM customer
SELECT regexp_match(name, 'A(.*)') FROM customer
SELECT regexp_split_to_array(name, ' ') FROM customer
SELECT translate(name, 'abc', 'xyz') FROM customer
SELECT ascii(name) FROM customer
SELECT chr(65) FROM customer
SELECT md5(name) FROM customer
SELECT encode(sha256('a'), 'hex') FROM customer
SELECT quote_literal(name) FROM customer
SELECT quote_ident(name) FROM customer
SELECT format('%s (%s)', name, city) FROM customer
SELECT to_char(born, 'YYYY-MM') FROM customer
SELECT to_char(score, '999D99') FROM customer
SELECT to_date('2024-01-01', 'YYYY-MM-DD') FROM customer
SELECT to_timestamp(1700000000) FROM customer
SELECT to_timestamp('2024', 'YYYY') FROM customer
SELECT to_number('12', '99') FROM customer
SELECT date_trunc('year', born) FROM customer
SELECT date_part('month', born) FROM customer
SELECT age(born) FROM customer
SELECT age(current_date, born) FROM customer
SELECT extract(year FROM age(born)) FROM customer
SELECT make_date(2024, 1, 31) FROM customer
SELECT make_interval(days => 3) FROM customer
SELECT make_timestamp(2024, 1, 1, 0, 0, 0) FROM customer
SELECT justify_days(interval '35 days') FROM customer
SELECT isfinite(born) FROM customer
SELECT now() FROM customer
SELECT clock_timestamp() FROM customer
SELECT statement_timestamp() FROM customer
SELECT date_bin('15 minutes', now(), timestamptz '2024-01-01') FROM customer
SELECT greatest(score, 5) FROM customer
SELECT least(score, 5) FROM customer
SELECT num_nulls(email, city) FROM customer
SELECT ceil(score) FROM customer
SELECT ceiling(score) FROM customer
SELECT floor(score) FROM customer
SELECT trunc(score::numeric, 1) FROM customer
SELECT round(score::numeric, 2) FROM customer
SELECT power(score, 2) FROM customer
SELECT sqrt(abs(score)) FROM customer
SELECT cbrt(27) FROM customer
SELECT exp(1) FROM customer
SELECT ln(2) FROM customer
SELECT log(100) FROM customer
SELECT log(2, 8) FROM customer
SELECT mod(7, 3) FROM customer
SELECT div(7, 2) FROM customer
SELECT gcd(12, 8) FROM customer
SELECT lcm(4, 6) FROM customer
SELECT sign(score) FROM customer
SELECT pi() FROM customer
SELECT degrees(1) FROM customer
SELECT radians(1) FROM customer
SELECT sin(1) FROM customer
SELECT atan2(1, 2) FROM customer
SELECT width_bucket(score, 0, 10, 5) FROM customer
SELECT factorial(5) FROM customer
SELECT scale(1.23) FROM customer
SELECT array_length(ARRAY[1, 2], 1) FROM customer
SELECT cardinality(ARRAY[1, 2]) FROM customer
SELECT array_append(ARRAY[1], 2) FROM customer
SELECT array_prepend(0, ARRAY[1]) FROM customer
SELECT array_cat(ARRAY[1], ARRAY[2]) FROM customer
SELECT array_position(ARRAY['a', 'b'], 'b') FROM customer
SELECT array_remove(ARRAY[1, 2], 1) FROM customer
SELECT array_replace(ARRAY[1, 2], 1, 3) FROM customer
SELECT array_to_string(ARRAY[1, 2], ',') FROM customer
SELECT array_upper(ARRAY[1, 2], 1) FROM customer
SELECT array_fill(0, ARRAY[3]) FROM customer
SELECT to_json(name) FROM customer
SELECT to_jsonb(name) FROM customer
SELECT row_to_json(customer) FROM customer
SELECT json_build_object('name', name, 'city', city) FROM customer
SELECT jsonb_build_array(name, city) FROM customer
SELECT jsonb_set('{}', '{a}', '1') FROM customer
SELECT jsonb_pretty('{"a": 1}') FROM customer
SELECT jsonb_typeof('[]') FROM customer
SELECT jsonb_array_length('[1]') FROM customer
SELECT jsonb_object_keys('{"a": 1}') FROM customer
SELECT jsonb_path_query_first('{"a": 1}', '$.a') FROM customer
SELECT jsonb_strip_nulls('{"a": null}') FROM customer
SELECT json_typeof('{}') FROM customer
SELECT jsonb_path_exists('{"a": 1}', '$.a') FROM customer
SELECT random() FROM customer
SELECT gen_random_uuid() FROM customer
SELECT pg_typeof(score) FROM customer
SELECT pg_size_pretty(1024::bigint) FROM customer
SELECT timezone('UTC', now()) FROM customer
SELECT unnest(ARRAY[1, 2]) FROM customer
SELECT generate_series(1, 3) FROM customer
SELECT to_hex(255) FROM customer
SELECT get_bit(B'1'::varbit, 0) FROM customer
SELECT bit_count(B'101') FROM customer
SELECT starts_with(name, 'A') FROM customer
SELECT btrim(name, 'x') FROM customer
SELECT normalize(name) FROM customer
SELECT parse_ident('a.b') FROM customer
SELECT lower(int4range(1, 5)) FROM customer
SELECT upper(int4range(1, 5)) FROM customer
SELECT isempty(int4range(1, 1)) FROM customer
SELECT plainto_tsquery('a b') FROM customer
SELECT ts_headline('a b', to_tsquery('a')) FROM customer
SELECT ts_rank(to_tsvector('a'), to_tsquery('a')) FROM customer
SELECT host(inet '10.0.0.1/24') FROM customer
SELECT masklen(inet '10.0.0.1/24') FROM customer
SELECT area(box(point(0, 0), point(1, 1))) FROM customer
SELECT string_to_table('a,b', ',') FROM customer
SELECT regexp_count(name, 'a') FROM customer
SELECT regexp_substr(name, 'A.') FROM customer
SELECT regexp_like(name, 'a') FROM customer
SELECT regexp_instr(name, 'a') FROM customer
SELECT unistr('a') FROM customer
SELECT trim_scale(1.200) FROM customer
SELECT min_scale(1.200) FROM customer
SELECT encode('abc'::bytea, 'base64') FROM customer
SELECT decode('YWJj', 'base64') FROM customer
SELECT convert_to(name, 'UTF8') FROM customer

-- reason: aggregates
SELECT bool_and(active) FROM customer
SELECT bool_or(active) FROM customer
SELECT every(active) FROM customer
SELECT bit_and(id) FROM customer
SELECT bit_or(id) FROM customer
SELECT stddev(score) FROM customer
SELECT stddev_pop(score) FROM customer
SELECT stddev_samp(score) FROM customer
SELECT variance(score) FROM customer
SELECT var_pop(score) FROM customer
SELECT var_samp(score) FROM customer
SELECT corr(score, id) FROM customer
SELECT covar_pop(score, id) FROM customer
SELECT covar_samp(score, id) FROM customer
SELECT regr_slope(score, id) FROM customer
SELECT regr_r2(score, id) FROM customer
SELECT regr_intercept(score, id) FROM customer
SELECT json_agg(name) FROM customer
SELECT jsonb_agg(name ORDER BY name) FROM customer
SELECT json_object_agg(name, city) FROM customer
SELECT array_agg(DISTINCT city) FROM customer
SELECT string_agg(DISTINCT city, ',') FROM customer
SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY score) FROM customer
SELECT percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY score) FROM customer
SELECT count(*) FILTER (WHERE active) FROM customer
SELECT avg(score) FILTER (WHERE country = 'UK') FROM customer
SELECT max(born) FROM customer
SELECT xmlagg(xmlelement(name a, name)) FROM customer
SELECT range_agg(int4range(id, id + 1)) FROM customer
