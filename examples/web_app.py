"""An async web application of your own around SQLAgent: one agent, many requests, answers as they come.

    python examples/web_app.py            # then: curl -N 'http://127.0.0.1:8000/ask?question=How+many+books+are+there%3F'

`agentsql serve` is the whole thing, with keys, queues and conversations; this is what a page of yours needs at least.
Needs the extra [serve], for Starlette and uvicorn.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from agentsql import SQLAgent
from agentsql.settings import load_settings
from agentsql.types import Answered, StepStarted

DATABASE = Path(__file__).with_name("bookshop.sqlite")


@asynccontextmanager
async def one_agent(app: Starlette) -> AsyncIterator[None]:
    """Open the agent with the application and close it with it; requests share it."""
    with SQLAgent(DATABASE, settings=load_settings().settings) as agent:
        app.state.agent = agent
        yield


async def ask(request: Request) -> StreamingResponse | JSONResponse:
    """Send a line of JSON for each step, and the answer last. A client that goes away stops its question."""
    question = request.query_params.get("question", "")
    if not question.strip():
        return JSONResponse({"error": "ask with ?question=…"}, status_code=400)

    async def lines() -> AsyncIterator[str]:
        async for event in request.app.state.agent.astream(question):
            match event:
                case StepStarted(step=step):
                    yield json.dumps({"step": step}) + "\n"
                case Answered(answer=answer):
                    found = {"columns": answer.columns, "rows": answer.rows}
                    said = {"status": answer.status, "sql": answer.sql, "text": answer.text}
                    yield json.dumps({**said, **found}, default=str) + "\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


app = Starlette(routes=[Route("/ask", ask)], lifespan=one_agent)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)
