-- Statements of SQLite, PostgreSQL, MySQL and DuckDB that lock one must pass, one a line; \x{200B} stands for the character U+200B.
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
SELECT price * quantity AS amount FROM item
SELECT (price - 1) / 2 + 3 % 2 FROM item
SELECT -price, +price FROM item

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
