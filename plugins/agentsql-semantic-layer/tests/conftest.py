"""A shop, its semantic layer, and a place for what agentsql writes."""

from __future__ import annotations

import sqlite3

import pytest

_SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), state TEXT);
CREATE TABLE items (order_id INTEGER REFERENCES orders (id), quantity INTEGER, price REAL, discount REAL);
INSERT INTO customers VALUES (1, 'Ada', 'France'), (2, 'Bo', 'Malta');
INSERT INTO orders VALUES (1, 1, 'paid'), (2, 1, 'open'), (3, 2, 'paid');
INSERT INTO items VALUES (1, 2, 5.0, 0.0), (2, 1, 7.0, 1.0), (3, 3, 2.0, 0.5);
"""

LAYER = """
metrics:
  - name: revenue
    expression: SUM(items.quantity * items.price)
    tables: [items]
    description: what customers are charged, before discounts
    synonyms: [turnover, sales]
  - name: net_revenue
    expression: SUM(quantity * price - discount)
    tables: [items]
  - name: open share
    expression: 1.0 * SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END) / COUNT(*)
    tables: [orders]
synonyms:
  client: customers
  nation: customers.country
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(_SHOP)
    connection.close()
    return path


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "layer.yaml"
        path.write_text(text)
        return str(path)

    return written


@pytest.fixture
def layer_file(write):
    return write(LAYER)
