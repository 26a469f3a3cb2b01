"""A process that is ended in the middle of a question loses that question at most, whatever step it was in."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from agentsql import SQLAgent
from agentsql.graph import load_graph
from agentsql.testing import ScriptedModel

COUNT = "SELECT count(*) FROM singer"
STEPS = ("route", "link", "generate", "check", "mend", "execute", "select", "answer")
SIGNALS = (signal.SIGKILL, signal.SIGTERM)
# One process imports everything and forks one for each step and signal, each of which opens an agent and is ended.
_ENDED = f"""
import json, os, signal, sys
from agentsql import SQLAgent
from agentsql.testing import ScriptedModel
from agentsql.types import StepStarted

def reply(messages):
    return "There are 4." if "No SQL" in messages[-1].content else {COUNT!r}

def ended_in(step, number):
    thread = f"{{step}} {{number}}"
    agent = SQLAgent(sys.argv[1], sql_model=ScriptedModel(reply), graph="default")
    assert agent.ask("How many singers are there?", thread_id=thread).status == "answered"
    for event in agent.stream("And how many of them are old?", thread_id=thread):
        if isinstance(event, StepStarted) and event.step == step:
            os.kill(os.getpid(), number)
            signal.pause()

statuses = {{}}
for step in {STEPS!r}:
    for number in {tuple(map(int, SIGNALS))!r}:
        child = os.fork()
        if child == 0:
            try:
                ended_in(step, number)
            finally:
                os._exit(99)
        statuses[f"{{step}} {{number}}"] = os.WTERMSIG(os.waitpid(child, 0)[1])
print(json.dumps(statuses))
"""


def test_these_are_the_steps_of_the_way_of_a_question() -> None:
    assert set(STEPS) <= {node.name for node in load_graph("default").nodes}


def test_a_thread_is_whole_and_goes_on_after_its_process_was_ended_in_any_step(tiny: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _ENDED, str(tiny)], stdout=subprocess.PIPE, text=True, check=True)
    threads = {f"{step} {int(number)}": int(number) for step in STEPS for number in SIGNALS}
    assert json.loads(done.stdout) == threads
    model = ScriptedModel("SELECT max(age) FROM singer")
    with SQLAgent(tiny, sql_model=model, graph="direct") as agent:
        for thread in threads:
            model.asked.clear()
            answer = agent.ask("What is the greatest age?", thread_id=thread)
            assert (answer.status, answer.rows) == ("answered", ((52,),))
            told = [message.content for message in model.asked[0]]
            assert told[1:3] == ["Question: How many singers are there?", COUNT]
            assert agent.pending(thread) is None
