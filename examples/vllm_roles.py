"""Give the two roles to two models on servers of your own, such as vLLM.

    python examples/vllm_roles.py ["a question"]

CHAT_URL and SQL_URL say where they listen. Where nothing listens, the program prints what to start.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agentsql import SQLAgent
from agentsql.errors import ModelNotFoundError, ModelUnreachableError

DATABASE = Path(__file__).with_name("bookshop.sqlite")
CHAT_URL = os.environ.get("CHAT_URL", "http://127.0.0.1:8000/v1")
SQL_URL = os.environ.get("SQL_URL", "http://127.0.0.1:8001/v1")
HOW_TO_START = f"""\
Start both on a machine with a GPU (pip install vllm), and leave that running:

  agentsql models serve --chat Qwen/Qwen2.5-3B-Instruct --sql Qwen/Qwen2.5-Coder-3B-Instruct

then run this program again, or say where they are: CHAT_URL={CHAT_URL} SQL_URL={SQL_URL}
"""


def main() -> int:
    question = sys.argv[1] if len(sys.argv) > 1 else "Which five books are the most expensive?"
    try:
        with SQLAgent(DATABASE, sql_model=f"vllm:sql@{SQL_URL}", chat_model=f"vllm:chat@{CHAT_URL}") as agent:
            answer = agent.ask(question)
    except (ModelUnreachableError, ModelNotFoundError) as error:
        print(f"{error}\n\n{HOW_TO_START}")
        return error.exit_code
    print(f"{answer.sql}\n{answer.text}")
    for event in answer.trace:
        if event.usage.calls:
            print(f"  {event.step}: {event.usage.calls} calls, {event.usage.cached_tokens} tokens from the cache")
    return 0


if __name__ == "__main__":
    sys.exit(main())
