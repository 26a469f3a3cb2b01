"""The HTTP API: answers, streams, conversations, databases, examples, decisions and what keeps strangers out."""

from __future__ import annotations

import json
import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from agentsql.serving.fairness import FairQueue
from agentsql.serving.keys import Caller, KeyRing, hash_key
from agentsql.serving.service import Limits
from tests.serving.conftest import PATIENCE_S, SQL, HeldModel

QUESTION = {"question": "How many singers are there?"}


def ring(*callers: Caller) -> KeyRing:
    """Give keys that are called as their callers."""
    return KeyRing(None, {hash_key(f"key of {one.name}"): one for one in callers})


def of(name: str) -> dict[str, str]:
    """Give the header with the key of that caller."""
    return {"Authorization": f"Bearer key of {name}"}


def happened(text: str) -> list[tuple[str, dict]]:
    """Give the names and bodies of a stream's events."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("event:")]
    return [(lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in blocks]


def test_a_question_is_answered_with_its_sql_rows_and_steps(client):
    answer = client().post("/api/ask", json=QUESTION).json()
    assert (answer["status"], answer["sql"], answer["rows"]) == ("answered", SQL, [[4]])
    assert [step["step"] for step in answer["trace"]][-1] == "answer"


def test_a_stream_names_the_steps_and_ends_with_the_answer(client):
    response = client().post("/api/ask/stream", json=QUESTION)
    events = happened(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert events[0][0] == "step_started"
    assert events[-1][0] == "answered"
    assert events[-1][1]["rows"] == [[4]]
    written = [query["sql"] for name, body in events if name == "step_finished" for query in body.get("queries", ())]
    assert SQL in written


def test_a_stream_that_fails_ends_with_the_error(client):
    from agentsql.errors import ModelUnreachableError
    from agentsql.testing import ScriptedModel

    events = happened(
        client(model=ScriptedModel(ModelUnreachableError("nobody there"))).post("/api/ask/stream", json=QUESTION).text
    )
    assert events[-1] == (
        "error",
        {"error": {"message": "nobody there", "type": "server_error", "param": None, "code": "model_error"}},
    )


def test_a_conversation_can_be_listed_read_gone_on_with_and_deleted(client):
    http = client()
    for question in ("How many singers are there?", "And now?"):
        http.post("/api/ask", json={"question": question, "conversation": "monday"})
    (listed,) = http.get("/api/conversations").json()["conversations"]
    assert (listed["id"], listed["title"]) == ("monday", "How many singers are there?")
    turns = http.get("/api/conversations/monday").json()["turns"]
    assert [(turn["question"], turn["sql"]) for turn in turns] == [
        ("How many singers are there?", SQL),
        ("And now?", SQL),
    ]
    assert http.delete("/api/conversations/monday").status_code == 204
    assert http.get("/api/conversations/monday").status_code == 404
    assert http.delete("/api/conversations/monday").status_code == 404


def test_one_key_cannot_read_or_delete_the_conversations_of_another(client):
    http = client(keys=ring(Caller("ann"), Caller("bob")))
    http.post("/api/ask", json={**QUESTION, "conversation": "monday"}, headers=of("ann"))
    assert http.get("/api/conversations", headers=of("bob")).json()["conversations"] == []
    assert http.get("/api/conversations/monday", headers=of("bob")).status_code == 404
    assert http.delete("/api/conversations/monday", headers=of("bob")).status_code == 404
    assert len(http.get("/api/conversations/monday", headers=of("ann")).json()["turns"]) == 1


def test_a_key_reaches_its_own_databases_only(client):
    http = client("sales", "staff", keys=ring(Caller("ann", ("staff",)), Caller("root")))
    assert [one["name"] for one in http.get("/api/databases", headers=of("root")).json()["databases"]] == [
        "sales",
        "staff",
    ]
    assert [one["name"] for one in http.get("/api/databases", headers=of("ann")).json()["databases"]] == ["staff"]
    assert http.post("/api/ask", json=QUESTION, headers=of("ann")).json()["database"] == "staff"
    for database in ("sales", "nowhere"):
        refused = http.post("/api/sql", json={"sql": SQL, "database": database}, headers=of("ann"))
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_database")


@pytest.mark.parametrize("route", ["/api/databases", "/api/conversations", "/metrics", "/v1/models"])
def test_without_a_key_nothing_is_told(client, route):
    http = client(keys=ring(Caller("ann")))
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        refused = http.get(route, headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert http.get("/health").status_code == http.get("/ready").status_code == 200


def test_a_key_that_asks_too_often_is_told_when_to_come_back(client):
    http = client(keys=ring(Caller("ann", per_minute=2), Caller("bob")))
    codes = [http.get("/api/databases", headers=of("ann")).status_code for _ in range(2)]
    late = http.get("/api/databases", headers=of("ann"))
    assert (codes, late.status_code, late.json()["error"]["type"]) == ([200, 200], 429, "rate_limit_error")
    assert 1 <= int(late.headers["retry-after"]) <= 60
    assert http.get("/api/databases", headers=of("bob")).status_code == 200


def test_own_sql_runs_through_both_locks(client):
    http = client()
    assert http.post("/api/sql", json={"sql": "SELECT name FROM singer", "max_rows": 1}).json()["rows"] == [
        ["Joe Sharp"]
    ]
    refused = http.post("/api/sql", json={"sql": "DELETE FROM singer"})
    assert (refused.status_code, refused.json()["error"]["kind"]) == (200, "refused")


def test_the_schema_is_told(client):
    schema = client().get("/api/schema").json()
    assert [table["name"] for table in schema["tables"]] == ["concert", "singer", "singer_in_concert"]


def test_a_query_waits_for_a_decision_and_goes_on_with_it(client):
    http = client()
    waiting = http.post("/api/ask", json={**QUESTION, "conversation": "a", "approve": True}).json()
    assert (waiting["status"], waiting["rows"]) == ("waiting", [])
    assert http.get("/api/approvals/a").json()["sql"] == SQL
    edited = {"conversation": "a", "decision": "run", "sql": "SELECT name FROM singer LIMIT 1"}
    assert http.post("/api/approvals", json=edited).json()["rows"] == [["Joe Sharp"]]
    assert http.get("/api/approvals/a").status_code == 404


def test_a_refused_query_is_not_run(client):
    http = client()
    http.post("/api/ask", json={**QUESTION, "conversation": "a", "approve": True})
    answer = http.post("/api/approvals", json={"conversation": "a", "decision": "refuse"}).json()
    assert (answer["status"], answer["rows"]) == ("refused", [])


def test_bad_feedback_is_kept_and_teaches_nothing(client):
    http = client()
    said = {**QUESTION, "sql": SQL, "verdict": "bad", "comment": "concerts were meant"}
    assert http.post("/api/feedback", json=said).json() == {"added": False}
    (kept,) = http.get("/api/feedback").json()["feedback"]
    assert (kept["verdict"], kept["comment"]) == ("bad", "concerts were meant")


def test_what_is_said_later_of_an_answer_takes_the_place_of_what_was_said_before(client):
    http = client()
    said = {**QUESTION, "sql": SQL}
    for verdict, comment in (("good", ""), ("bad", ""), ("bad", "concerts were meant")):
        http.post("/api/feedback", json={**said, "verdict": verdict, "comment": comment})
        examples = http.get("/api/examples").json()["examples"]
        assert [one["sql"] for one in examples] == ([SQL] if verdict == "good" else [])
    (kept,) = http.get("/api/feedback").json()["feedback"]
    assert (kept["verdict"], kept["comment"]) == ("bad", "concerts were meant")


def test_sql_that_does_not_run_is_no_example(client):
    refused = client().post("/api/examples", json={**QUESTION, "sql": "SELECT nothing FROM singer"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_an_example")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example"])
def test_on_loopback_another_host_name_is_refused(client, host):
    http = client(hosts=("localhost", "127.0.0.1", "::1"))
    assert http.get("/health", headers={"Host": host}).status_code == 400
    for good in ("localhost:8080", "127.0.0.1", "[::1]:8080"):
        assert http.get("/health", headers={"Host": good}).status_code == 200


def test_a_page_of_another_origin_is_refused_unless_it_is_allowed(client):
    http = client(origins=("https://friend.example",))
    assert http.post("/api/sql", json={"sql": SQL}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert http.post("/api/sql", json={"sql": SQL}, headers={"Origin": "http://localhost"}).status_code == 200
    allowed = http.post("/api/sql", json={"sql": SQL}, headers={"Origin": "https://friend.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://friend.example"


def test_no_origin_is_allowed_unless_it_is_named(client):
    asked = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}
    refused = client().options("/api/sql", headers=asked)
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


def test_a_form_that_is_no_json_is_not_read_as_json(client):
    body = json.dumps({"sql": SQL})
    assert client().post("/api/sql", content=body, headers={"Content-Type": "text/plain"}).status_code == 422


def test_a_body_that_is_too_large_is_refused_with_or_without_its_length(client):
    http = client(limits=Limits(body_bytes=1000))
    assert http.post("/api/sql", json={"sql": "x" * 2000}).status_code == 413
    assert http.post("/api/sql", content=(b"x" * 500 for _ in range(9))).status_code == 413


def test_every_response_carries_the_security_headers(client):
    for path in ("/health", "/nowhere"):
        headers = client(*(("one",) if path == "/health" else ("two",))).get(path).headers
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert headers["cache-control"] == "no-store"


def test_metrics_count_questions_and_tokens(client):
    http = client()
    http.post("/api/ask", json=QUESTION)
    text = http.get("/metrics").text
    assert 'agentsql_questions_total{database="tiny",status="answered"} 1.0' in text
    assert 'agentsql_http_requests_total{method="POST",route="/api/ask",status="200"} 1.0' in text
    assert 'agentsql_model_tokens_total{database="tiny",kind="prompt"}' in text


def test_a_question_that_runs_is_finished_before_the_server_stops(server):
    model = HeldModel()
    address = server(model=model)
    answers: list[httpx.Response] = []
    with httpx.Client(base_url=address, timeout=PATIENCE_S) as http:
        asking = threading.Thread(target=lambda: answers.append(http.post("/api/ask", json=QUESTION)))
        asking.start()
        assert model.reached.acquire(timeout=PATIENCE_S)
        server.stop()
        with pytest.raises(httpx.ConnectError):
            while httpx.get(f"{address}/health", timeout=PATIENCE_S):  # until nobody new is let in
                pass
        model.let_go.set()
        asking.join(PATIENCE_S)
    assert answers[0].json()["status"] == "answered"


@pytest.mark.parametrize("route", ["/api/ask", "/api/ask/stream"])
def test_a_client_that_goes_away_stops_its_question(server, route):
    model = HeldModel()
    address = urlsplit(server(model=model))
    body = json.dumps(QUESTION)
    request = (
        f"POST {route} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(request.encode())
        assert model.reached.acquire(timeout=PATIENCE_S)
    assert model.stopped.acquire(timeout=PATIENCE_S)


def test_a_full_queue_says_when_to_come_back(server):
    model = HeldModel()
    address = server(model=model, queue=FairQueue(1, 1))
    with httpx.Client(base_url=address, timeout=PATIENCE_S) as http:
        held = [threading.Thread(target=http.post, args=("/api/ask",), kwargs={"json": QUESTION}) for _ in range(2)]
        held[0].start()
        assert model.reached.acquire(timeout=PATIENCE_S)
        held[1].start()
        while "agentsql_questions_waiting 1.0" not in http.get("/metrics").text:
            pass
        full = http.post("/api/ask/stream", json=QUESTION)
        assert (full.status_code, full.json()["error"]["code"]) == (503, "queue_full")
        assert int(full.headers["retry-after"]) >= 1
        model.let_go.set()
        for thread in held:
            thread.join(PATIENCE_S)


def test_two_questions_of_one_conversation_do_not_run_at_once(server):
    model = HeldModel()
    address = server(model=model)
    body = {**QUESTION, "conversation": "a"}
    with httpx.Client(base_url=address, timeout=PATIENCE_S) as http:
        first = threading.Thread(target=http.post, args=("/api/ask",), kwargs={"json": body})
        first.start()
        assert model.reached.acquire(timeout=PATIENCE_S)
        assert http.post("/api/ask", json=body).status_code == 409
        model.let_go.set()
        first.join(PATIENCE_S)
