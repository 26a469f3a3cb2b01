"""A small shop on any database, with secrets in what its policy hides, and the policy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from agentsql.db.policy import Policy, Rules
from agentsql.types import Principal

STATEMENTS = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40), email VARCHAR(40), region VARCHAR(10),"
    " card VARCHAR(40))",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total INTEGER, day VARCHAR(10),"
    " FOREIGN KEY (customer_id) REFERENCES customers (id))",
    "CREATE TABLE salaries (id INTEGER PRIMARY KEY, who VARCHAR(40), amount INTEGER)",
    "CREATE TABLE events (id INTEGER PRIMARY KEY, kind VARCHAR(10), day VARCHAR(10))",
    "CREATE VIEW rich AS SELECT id, who, amount FROM salaries",
    "CREATE VIEW mailing AS SELECT id, name, email FROM customers",
    "INSERT INTO customers VALUES (1, 'Ann', 'a-CANARY@x.org', 'EU', '4111-CANARY-2222'),"
    " (2, 'CANARY Bob', 'b-CANARY@x.org', 'US', '5500-CANARY-3333'),"
    " (3, 'Cem', 'c-CANARY@x.org', 'EU', '6011-CANARY-4444'),"
    " (4, 'CANARY Dee', 'd-CANARY@x.org', 'US', '7777-CANARY-5555')",
    "INSERT INTO orders VALUES (1, 1, 10, '2024-01-01'), (2, 2, 987654321, '2024-01-02'), (3, 3, 30, '2024-02-01')",
    "INSERT INTO salaries VALUES (1, 'CANARY Ann', 987654321), (2, 'CANARY Bob', 987654321)",
    "INSERT INTO events VALUES (1, 'visit', '2024-01-01'), (2, 'sale', '2024-01-02')",
)
EU = Principal("anna", {"region": "EU"}, ("sales",))
RULES = Rules(
    denied_tables=("salaries",),
    denied_columns=("customers.email",),
    rows={
        "customers": "region = {principal.region}",
        "orders": "customer_id IN (SELECT c.id FROM customers c WHERE c.region = {principal.region})",
    },
    masks={"customers.card": "last4"},
)
POLICY = Policy(RULES, hash_key="a key of many letters")


def shop(path: Path, *more: str) -> Path:
    """Make the shop as an SQLite file, with what more statements make."""
    connection = sqlite3.connect(path)
    for statement in (*STATEMENTS, *more):
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def tells(found: object) -> bool:
    """True if something in it is a secret, as it is or in hexadecimal digits."""
    text = repr(found).casefold()
    return any(secret in text for secret in ("canary", "43414e415259", "987654321"))
