"""Decisions on queries that wait, over HTTP."""

from __future__ import annotations

import json
import threading
from contextlib import suppress

import httpx

from tests.serving.conftest import PATIENCE_S, SQL, HeldWords

ASKED = {"question": "How many singers are there?", "conversation": "a", "approve": True}
DECIDED = {"conversation": "a", "decision": "run"}


def test_a_decision_is_answered_as_a_stream(client):
    http = client()
    assert http.post("/api/ask", json=ASKED).json()["status"] == "waiting"
    with http.stream("POST", "/api/approvals/stream", json=DECIDED) as response:
        lines = list(response.iter_lines())
    names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert names[0] == "step_started" and names[-1] == "answered"
    assert (told[-1]["sql"], told[-1]["rows"], told[-1]["conversation"]) == (SQL, [[4]], "a")
    again = http.post("/api/approvals/stream", json=DECIDED)
    assert (again.status_code, again.json()["error"]["code"]) == (404, "nothing_waits")


def test_a_client_that_goes_away_after_its_decision_stops_the_question(server):
    model = HeldWords()
    address = server(model=model)
    httpx.post(f"{address}/api/ask", json=ASKED, timeout=PATIENCE_S)

    def decide() -> None:
        with httpx.Client(timeout=httpx.Timeout(PATIENCE_S, read=1.0)) as http, suppress(httpx.ReadTimeout):
            http.post(f"{address}/api/approvals", json=DECIDED)

    leaving = threading.Thread(target=decide)
    leaving.start()
    assert model.reached.acquire(timeout=PATIENCE_S)
    assert model.stopped.acquire(timeout=PATIENCE_S)
    leaving.join(PATIENCE_S)
    (listed,) = httpx.get(f"{address}/api/conversations", timeout=PATIENCE_S).json()["conversations"]
    assert not listed["waiting"]
