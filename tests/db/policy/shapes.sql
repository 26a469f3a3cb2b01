-- One query a line. {t} and {c} are a table and a column of it that hold what must not come out.
SELECT {c} FROM {t}
SELECT * FROM {t}
SELECT {t}.* FROM {t}
SELECT x.* FROM {t} x
SELECT x.{c} FROM {t} AS x
SELECT "{c}" FROM {t}
SELECT {t}.{c} FROM {t}
SELECT DISTINCT {c} FROM {t}
SELECT MAX({c}) FROM {t}
SELECT MIN({c}) AS least FROM {t}
SELECT {c} || '' FROM {t}
SELECT UPPER({c}) FROM {t}
SELECT COALESCE({c}, '-') FROM {t}
SELECT CASE WHEN 1 = 1 THEN {c} END FROM {t}
SELECT NULLIF({c}, '') FROM {t}
SELECT CAST({c} AS CHAR(100)) FROM {t}
SELECT (SELECT MAX({c}) FROM {t})
SELECT (SELECT {c} FROM {t} ORDER BY 1 LIMIT 1) AS found
SELECT 1 FROM orders WHERE 'x' = (SELECT MIN({c}) FROM {t})
SELECT a.{c} FROM (SELECT * FROM {t}) AS a
SELECT a.{c} FROM (SELECT {c} FROM {t}) AS a
SELECT a.z FROM (SELECT {c} AS z FROM {t}) AS a
SELECT b.z FROM (SELECT a.z FROM (SELECT {c} AS z FROM {t}) AS a) AS b
WITH a AS (SELECT * FROM {t}) SELECT * FROM a
WITH a AS (SELECT {c} AS z FROM {t}) SELECT z FROM a
WITH a(z) AS (SELECT {c} FROM {t}) SELECT z FROM a
WITH a AS (SELECT {c} AS z FROM {t}), b AS (SELECT z FROM a) SELECT z FROM b
WITH {t} AS (SELECT 1 AS {c}) SELECT {c} FROM {t}
WITH {t} AS (SELECT * FROM {t}) SELECT * FROM {t}
WITH orders AS (SELECT * FROM {t}) SELECT * FROM orders
WITH a AS (SELECT 1 AS one) SELECT * FROM a, {t}
WITH RECURSIVE a(z, n) AS (SELECT {c}, 1 FROM {t} UNION ALL SELECT z, n + 1 FROM a WHERE n < 3) SELECT z FROM a
WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 3) SELECT {c} FROM {t}, a
WITH RECURSIVE a(z, n) AS (SELECT '-', 0 UNION ALL SELECT {c}, n + 1 FROM a JOIN {t} ON n < 1) SELECT z FROM a
WITH RECURSIVE {t} AS (SELECT 1 AS {c}) SELECT * FROM {t}
SELECT (WITH {t} AS (SELECT 'x' AS {c}) SELECT MAX({c}) FROM {t}), (SELECT MAX({c}) FROM {t})
SELECT * FROM (WITH {t} AS (SELECT 'x' AS {c}) SELECT {c} FROM {t}) AS a, {t} AS b
SELECT {c} FROM {t} UNION SELECT name FROM customers
SELECT name FROM customers UNION SELECT {c} FROM {t}
SELECT name FROM customers UNION ALL SELECT {c} FROM {t}
SELECT {c} FROM {t} EXCEPT SELECT '-'
SELECT {c} FROM {t} INTERSECT SELECT {c} FROM {t}
SELECT name FROM customers WHERE 1 = 0 UNION ALL (SELECT {c} FROM {t})
SELECT o.id, x.{c} FROM orders o JOIN {t} x ON 1 = 1
SELECT o.id, x.* FROM orders o JOIN {t} x ON x.id = o.id
SELECT o.id, x.* FROM orders o LEFT JOIN {t} x ON x.id = o.id
SELECT o.id, x.* FROM {t} x RIGHT JOIN orders o ON x.id = o.id
SELECT x.* FROM orders o CROSS JOIN {t} x
SELECT x.{c} FROM orders o, {t} x
SELECT {c} FROM orders o INNER JOIN {t} x USING (id)
SELECT * FROM orders NATURAL JOIN {t}
SELECT * FROM {t} NATURAL JOIN orders
SELECT * FROM {t} a JOIN {t} b USING ({c})
SELECT * FROM {t} a NATURAL JOIN {t} b
SELECT x.{c} FROM (orders o JOIN {t} x ON x.id = o.id)
SELECT * FROM (orders o JOIN (customers k JOIN {t} x ON x.id = k.id) ON k.id = o.id)
SELECT name FROM customers WHERE EXISTS (SELECT * FROM {t} x WHERE x.{c} LIKE 'a%')
SELECT name FROM customers WHERE name IN (SELECT {c} FROM {t})
SELECT name FROM customers WHERE id IN (SELECT id FROM {t}) ORDER BY 1
SELECT name, (SELECT x.{c} FROM {t} x WHERE x.id = customers.id) FROM customers
SELECT name, (SELECT MAX({c}) FROM {t}) AS z FROM customers GROUP BY name
SELECT {c}, COUNT(*) FROM {t} GROUP BY {c}
SELECT {c}, COUNT(*) FROM {t} GROUP BY 1 HAVING COUNT(*) > 0
SELECT COUNT(*), MAX({c}) FROM {t} HAVING MAX({c}) > ''
SELECT id FROM {t} ORDER BY {c}
SELECT {c} FROM {t} ORDER BY {c} DESC LIMIT 1
SELECT {c}, ROW_NUMBER() OVER (ORDER BY {c}) FROM {t}
SELECT FIRST_VALUE({c}) OVER (ORDER BY id) FROM {t}
SELECT LAG({c}) OVER (PARTITION BY id ORDER BY {c}) FROM {t}
SELECT MAX({c}) OVER w FROM {t} WINDOW w AS (PARTITION BY id)
SELECT {c} AS id FROM {t} AS customers
SELECT customers.{c} FROM {t} AS customers
SELECT z FROM {t} AS x(id, z)
SELECT * FROM {t} AS x(a, b, z)
SELECT x.{c} FROM {t} x WHERE x.{c} = x.{c}
SELECT LENGTH({c}), {c} FROM {t}
SELECT SUBSTR({c}, 1, 30) FROM {t}
SELECT REPLACE({c}, 'x', 'y') FROM {t}
SELECT TRIM({c}) FROM {t}
SELECT /* harmless */ {c} -- as this
SELECT {c} FROM /* x */ {t}
SELECT {c} FROM {T}
SELECT {C} FROM {t}
SELECT {C} FROM {T} AS {T}
SELECT * FROM {T}
SELECT "{C}" FROM "{T}"
SELECT {c}, {c} AS {c}2 FROM {t}
SELECT {c} FROM {t} GROUP BY {c}, id
SELECT 1 FROM {t} GROUP BY {c} HAVING {c} < 0
SELECT {c} + 1 FROM {t}
SELECT SUM({c}) FROM {t}
SELECT ABS({c}) FROM {t}
SELECT CAST({c} AS INTEGER) FROM {t}
SELECT 1 / (CASE WHEN {c} LIKE 'C%' THEN 0 ELSE 1 END) FROM {t}
SELECT {s}.{t}.{c} FROM {s}.{t}
SELECT {c} FROM {s}.{t}
SELECT * FROM {s}.{t} AS x
SELECT {t} FROM {t}
SELECT x FROM {t} AS x
SELECT COUNT(x) FROM {t} AS x
SELECT nope.{c} FROM {t}
SELECT {t}.{c}
SELECT {t}.{c} FROM customers
SELECT customers.{c} FROM customers
SELECT nothing, {c} FROM {t}
SELECT {c} FROM {t} WHERE nothing = 1
SELECT no_such_function({c}) FROM {t}
SELECT {c} FROM {t} LIMIT 'x'
VALUES ((SELECT MAX({c}) FROM {t}))
SELECT * FROM (VALUES ((SELECT MAX({c}) FROM {t}))) AS v(z)
-- sqlite
SELECT rowid, * FROM {t}
SELECT _rowid_, oid FROM {t}
SELECT [{c}] FROM [{t}]
SELECT `{c}` FROM `{t}`
SELECT {c} FROM {t} INDEXED BY x
SELECT {c} FROM {t} NOT INDEXED
SELECT 1 WHERE 'x' IN {t}
SELECT 1 WHERE (1, 'x') IN {t}
SELECT group_concat({c}) FROM {t}
SELECT json_group_array({c}) FROM {t}
SELECT json_group_object(id, {c}) FROM {t}
SELECT j.value FROM {t}, json_each(json_array({c})) AS j
SELECT hex({c}), quote({c}) FROM {t}
SELECT printf('%s', {c}) FROM {t}
SELECT {c} FROM {t} WHERE {c} GLOB '*'
SELECT sql FROM sqlite_master WHERE name = '{t}'
SELECT * FROM pragma_table_info('{t}')
SELECT name FROM pragma_table_list
SELECT agentsql_hash('', {c}) FROM {t}
SELECT json({c}) FROM {t}
SELECT load_extension({c}) FROM {t}
SELECT {c} FROM temp.{t}
WITH a AS (SELECT * FROM b), b AS (SELECT * FROM {t}) SELECT * FROM a
WITH a AS (SELECT * FROM {t}), {t} AS (SELECT 1 AS {c}) SELECT * FROM a
SELECT * FROM ({t})
SELECT * FROM (({t}))
SELECT {c} COLLATE NOCASE FROM {t}
SELECT * FROM {t} LEFT JOIN customers
SELECT max(x.{c}) FILTER (WHERE 1) FROM {t} x
-- postgres
SELECT x FROM {t} x
SELECT (x).* FROM {t} x
SELECT (x).{c} FROM {t} x
SELECT {c}(x) FROM {t} x
SELECT row_to_json(x) FROM {t} x
SELECT to_jsonb(x) FROM {t} x
SELECT json_agg(x) FROM {t} x
SELECT array_agg(x.{c}) FROM {t} x
SELECT string_agg({c}::text, ',') FROM {t}
SELECT x::text FROM {t} x
SELECT CAST(x AS text) FROM {t} x
SELECT ROW(x.*) FROM {t} x
SELECT (ROW(x.*)).f3 FROM {t} x
SELECT ctid, xmin, tableoid FROM {t}
SELECT tableoid::regclass FROM {t}
SELECT '{t}'::regclass
SELECT NULL::{t}
SELECT (NULL::{t}).*
SELECT * FROM ONLY {t}
SELECT * FROM {t} *
TABLE {t}
SELECT * FROM (TABLE {t}) AS x
SELECT * FROM {t} TABLESAMPLE BERNOULLI (100)
SELECT y.* FROM customers k, LATERAL (SELECT * FROM {t} x WHERE x.id = k.id) AS y
SELECT y.z FROM customers k LEFT JOIN LATERAL (SELECT {c} AS z FROM {t}) AS y ON TRUE
SELECT unnest(ARRAY(SELECT {c}::text FROM {t}))
SELECT ARRAY(SELECT {c} FROM {t})
SELECT query_to_xml('SELECT * FROM {t}', true, true, '')
SELECT table_to_xml('{t}'::regclass, true, true, '')
SELECT to_regclass('{t}')
SELECT has_table_privilege('{t}', 'select')
SELECT pg_relation_size('{t}')
SELECT * FROM information_schema.columns WHERE table_name = '{t}'
SELECT relname FROM pg_class WHERE relname = '{t}'
SELECT most_common_vals FROM pg_stats WHERE tablename = '{t}'
SELECT attname FROM pg_attribute WHERE attrelid = '{t}'::regclass
SELECT definition FROM pg_views
SELECT * FROM pg_catalog.pg_class
SELECT CAST({c} AS integer) FROM {t}
SELECT {c}::numeric FROM {t}
SELECT {c}::date FROM {t}
SELECT {c}::json FROM {t}
WITH "{T}" AS (SELECT 1 AS {c}) SELECT * FROM {t}
WITH {T} AS (SELECT 1 AS one) SELECT * FROM "{t}"
SELECT U&"{c}" FROM {t}
SELECT jsonb_path_query(to_jsonb(x), '$.{c}') FROM {t} x
SELECT DISTINCT ON (id) {c} FROM {t}
SELECT {c} FROM {t} FETCH FIRST 1 ROW ONLY
SELECT GROUPING({c}), {c} FROM {t} GROUP BY ROLLUP ({c})
SELECT mode() WITHIN GROUP (ORDER BY {c}) FROM {t}
SELECT secrets()
SELECT public.secrets()
SELECT * FROM secrets() AS z
SELECT xmlelement(name a, {c}) FROM {t}
SELECT * FROM ROWS FROM (secrets()) AS z
SELECT last_value FROM {t}_id_seq
SELECT * FROM {t} FOR UPDATE
SELECT json_populate_record(NULL::{t}, '{}')
-- duckdb
FROM {t}
FROM {t} SELECT {c}
SELECT x FROM {t} x
SELECT COLUMNS(*) FROM {t}
SELECT COLUMNS('.*') FROM {t}
SELECT * EXCLUDE (id) FROM {t}
SELECT * REPLACE (1 AS id) FROM {t}
SELECT * FROM '{t}'
SELECT struct_pack(z := {c}) FROM {t}
SELECT list({c}) FROM {t}
SELECT to_json(x) FROM {t} x
SELECT rowid, {c} FROM {t}
SELECT * FROM {t} USING SAMPLE 100 PERCENT
SELECT * FROM {t} TABLESAMPLE 100 PERCENT
SELECT * FROM (SUMMARIZE {t})
SELECT * FROM (DESCRIBE {t})
SELECT * FROM (SHOW ALL TABLES)
PIVOT {t} ON id USING max({c})
SELECT * FROM (PIVOT {t} ON id USING max({c}))
SELECT * FROM (UNPIVOT {t} ON {c})
SELECT * FROM orders POSITIONAL JOIN {t}
SELECT * FROM orders o ASOF JOIN {t} x ON o.id >= x.id
SELECT * FROM orders o SEMI JOIN {t} x ON o.id = x.id
SELECT * FROM query_table('{t}')
SELECT * FROM query('SELECT * FROM {t}')
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_columns()
SELECT * FROM pragma_table_info('{t}')
SELECT * FROM information_schema.tables
SELECT * FROM sqlite_master
SELECT {c}: id FROM {t}
SELECT max_by({c}, id) FROM {t}
SELECT arg_min({c}, id) FROM {t}
SELECT histogram({c}) FROM {t}
SELECT {c}.upper() FROM {t}
SELECT [x.{c} for x in [1]] FROM {t} x
SELECT unnest(x) FROM {t} x
SELECT * FROM (VALUES (1)) v(i), LATERAL (SELECT {c} FROM {t}) y
WITH a AS MATERIALIZED (SELECT * FROM {t}) SELECT * FROM a
SELECT CAST({c} AS INTEGER) FROM {t}
SELECT error({c}) FROM {t}
SELECT * FROM {t} QUALIFY row_number() OVER (ORDER BY {c}) = 1
-- mysql
SELECT `{c}` FROM `{t}`
SELECT GROUP_CONCAT({c}) FROM {t}
SELECT JSON_ARRAYAGG({c}) FROM {t}
SELECT JSON_OBJECTAGG(id, {c}) FROM {t}
SELECT HEX({c}) FROM {t}
SELECT {c} FROM {t} PARTITION (p0)
SELECT {c} FROM {t} FORCE INDEX (PRIMARY)
SELECT {c} FROM {t} USE INDEX (PRIMARY)
SELECT STRAIGHT_JOIN {c} FROM {t}
SELECT SQL_NO_CACHE {c} FROM {t}
SELECT EXTRACTVALUE(1, CONCAT('~', {c})) FROM {t}
SELECT UPDATEXML(1, CONCAT('~', (SELECT MAX({c}) FROM {t})), 1)
SELECT {c} FROM {t} PROCEDURE ANALYSE()
SELECT {c} FROM {t} LIMIT 1 OFFSET 0
SELECT @x := {c} FROM {t}
SELECT {c} INTO @x FROM {t}
SELECT * FROM information_schema.columns WHERE table_name = '{t}'
SELECT * FROM mysql.user
SELECT {c} FROM {t} WHERE MATCH ({c}) AGAINST ('x')
SELECT /*!50000 {c} FROM {t} */
SELECT {c} FROM {t} WHERE {c} REGEXP '.*'
SELECT {c} DIV 1 FROM {t}
SELECT CONVERT({c} USING utf8) FROM {t}
SELECT CAST({c} AS BINARY) FROM {t}
TABLE {t}
SELECT {c} FROM {t} FOR UPDATE
SELECT {c} FROM {t} LOCK IN SHARE MODE
SELECT {c} FROM {t} AS OF TIMESTAMP NOW()
SELECT {c} FROM {t} FOR SYSTEM_TIME ALL
SELECT JSON_TABLE({c}, '$' COLUMNS (a INT PATH '$')) FROM {t}
SELECT j.a FROM {t}, JSON_TABLE(JSON_ARRAY({c}), '$[*]' COLUMNS (a TEXT PATH '$')) AS j
SELECT secrets()
SELECT {c} FROM {t} GROUP BY {c} WITH ROLLUP
SELECT BIT_XOR({c}) FROM {t}
