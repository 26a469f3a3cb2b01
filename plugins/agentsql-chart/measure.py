"""Count the charts chosen for the gold queries of Spider's development set, and the time that takes.

python measure.py ../../../shared/benchmarks/spider
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from collections import Counter
from pathlib import Path

from agentsql_chart import choose_chart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spider", type=Path, help="the folder with dev.json and database/")
    folder = parser.parse_args().spider
    counts: Counter[str] = Counter()
    seconds = []
    for asked in json.loads((folder / "dev.json").read_text()):
        path = folder / "database" / asked["db_id"] / f"{asked['db_id']}.sqlite"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            cursor = connection.execute(asked["query"])
            columns, rows = [one[0] for one in cursor.description], cursor.fetchmany(1000)
        started = time.perf_counter()
        spec = choose_chart(columns, rows)
        seconds.append(time.perf_counter() - started)
        counts[spec["mark"]["type"] if spec else "none, one row" if len(rows) < 2 else "none"] += 1
    total = counts.total()
    for kind, count in counts.most_common():
        print(f"{kind:15} {count:5} {count / total:6.1%}")
    seconds.sort()
    print(f"{total} results; median {seconds[total // 2] * 1e6:.0f} µs, slowest {seconds[-1] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
