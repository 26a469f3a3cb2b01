"""Show what the agent does while it does it: one line a step, and the SQL as the model writes it.

python examples/stream.py ["a question"]
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from agentsql import SQLAgent
from agentsql.settings import load_settings
from agentsql.types import Answered, StepFinished, StepStarted, Token

DATABASE = Path(__file__).with_name("bookshop.sqlite")


async def main(question: str) -> None:
    with SQLAgent(DATABASE, settings=load_settings().settings) as agent:
        async for event in agent.astream(question):
            match event:
                case StepStarted(step=step):
                    print(f"▶ {step}")
                case Token(text=text):
                    print(text, end="", flush=True)
                case StepFinished(event=done):
                    tokens = f", {done.usage.tokens} tokens" if done.usage.calls else ""
                    print(f"\n✔ {done.step}: {done.seconds:.2f} s{tokens}, wrote {', '.join(done.writes) or 'nothing'}")
                case Answered(answer=answer):
                    print(f"\n{answer.text}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "Which customers live in Oslo?"))
