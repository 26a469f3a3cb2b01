"""Ask the sample bookshop about relative dates, with the graph `default`, which is told the day, and with `dated`.

python measure.py ../../examples/bookshop.sqlite --model local:qwen2.5-coder-1.5b
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from agentsql import SQLAgent
from agentsql.errors import AgentSQLError
from agentsql.graph import GraphSpec, load_graph
from agentsql_relative_dates.graph import dated

TODAY = date(2025, 12, 31)
"""The last day of the data, a Wednesday."""
_ORDERS = "SELECT COUNT(*) FROM orders WHERE ordered_on "
GOLDS = {
    "How many orders were placed last month?": f"{_ORDERS} BETWEEN '2025-11-01' AND '2025-11-30'",
    "How many orders came in this month?": f"{_ORDERS} BETWEEN '2025-12-01' AND '2025-12-31'",
    "How many orders were placed last week?": f"{_ORDERS} BETWEEN '2025-12-22' AND '2025-12-28'",
    "How many orders were placed yesterday?": f"{_ORDERS} = '2025-12-30'",
    "How many orders were placed two months ago?": f"{_ORDERS} BETWEEN '2025-10-01' AND '2025-10-31'",
    "How many orders were placed in Q3 last year?": f"{_ORDERS} BETWEEN '2024-07-01' AND '2024-09-30'",
    "How many orders were placed in March last year?": f"{_ORDERS} BETWEEN '2024-03-01' AND '2024-03-31'",
    "How many orders have been placed year to date?": f"{_ORDERS} BETWEEN '2025-01-01' AND '2025-12-31'",
    "How many orders were placed last Monday?": f"{_ORDERS} = '2025-12-29'",
    "How many customers joined last year?": "SELECT COUNT(*) FROM customers WHERE joined_on LIKE '2024-%'",
    "How many customers joined this year?": "SELECT COUNT(*) FROM customers WHERE joined_on LIKE '2025-%'",
    "How many customers placed an order in the previous year?": (
        "SELECT COUNT(DISTINCT customer_id) FROM orders WHERE ordered_on LIKE '2024-%'"
    ),
    "How many reviews were written last quarter?": (
        "SELECT COUNT(*) FROM reviews WHERE written_on BETWEEN '2025-07-01' AND '2025-09-30'"
    ),
    "How many reviews were written last November?": "SELECT COUNT(*) FROM reviews WHERE written_on LIKE '2025-11-%'",
    "How many books were sold last month?": (
        "SELECT SUM(quantity) FROM order_lines JOIN orders USING (order_id) WHERE ordered_on LIKE '2025-11-%'"
    ),
    "What are the names of the customers who ordered something last week?": (
        "SELECT DISTINCT name FROM customers JOIN orders USING (customer_id) "
        "WHERE ordered_on BETWEEN '2025-12-22' AND '2025-12-28'"
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bookshop", type=Path)
    parser.add_argument("--model", default="local:qwen2.5-coder-1.5b")
    options = parser.parse_args()
    counted_from = dated().replace_node("resolve_dates", options={"today": TODAY.isoformat()})
    try:
        for graph in (load_graph("default"), counted_from):
            measure(options.bookshop, options.model, graph)
    except AgentSQLError as exc:
        sys.exit(str(exc))


def measure(bookshop: Path, model: str, graph: GraphSpec) -> None:
    right = calls = 0
    started = time.perf_counter()
    with SQLAgent(bookshop, sql_model=model, graph=graph) as agent:
        for question, gold in GOLDS.items():
            wanted = set(agent.run_sql(gold).rows)
            answer = agent.ask(question, evidence=f"Today is {TODAY}, a {TODAY:%A}.")
            is_right = answer.status == "answered" and set(answer.rows) == wanted
            right += is_right
            calls += answer.usage.calls
            print(f"{graph.name:8} {'right' if is_right else 'wrong':5} {question}\n    {' '.join(answer.sql.split())}")
    seconds = (time.perf_counter() - started) / len(GOLDS)
    print(f"{graph.name}: {right} of {len(GOLDS)} right, {calls / len(GOLDS):.2f} calls and {seconds:.1f} s a question")


if __name__ == "__main__":
    main()
