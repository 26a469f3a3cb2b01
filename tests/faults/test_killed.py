"""A process that is ended in the middle of a question loses that question at most, whatever step it was in."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.graph import load_graph
from agentsql.testing import ScriptedModel

COUNT = "SELECT count(*) FROM singer"
_ENDED = f"""
import os, signal, sys
from agentsql import SQLAgent
from agentsql.testing import ScriptedModel
from agentsql.types import StepStarted

def reply(messages):
    return "There are 4." if "No SQL" in messages[-1].content else {COUNT!r}

agent = SQLAgent(sys.argv[1], sql_model=ScriptedModel(reply), graph="default")
assert agent.ask("How many singers are there?", thread_id=sys.argv[3]).status == "answered"
for event in agent.stream("And how many of them are old?", thread_id=sys.argv[3]):
    if isinstance(event, StepStarted) and event.step == sys.argv[3]:
        os.kill(os.getpid(), int(sys.argv[2]))
        signal.pause()
print("not ended")
"""
STEPS = ("route", "link", "generate", "check", "mend", "execute", "select", "answer")


def test_these_are_the_steps_of_the_way_of_a_question() -> None:
    assert set(STEPS) <= {node.name for node in load_graph("default").nodes}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda one: one.name)
def test_a_thread_is_whole_and_goes_on_after_its_process_was_ended_in_any_step(
    tiny: Path, number: signal.Signals
) -> None:
    running = {
        step: subprocess.Popen(
            [sys.executable, "-c", _ENDED, str(tiny), str(int(number)), step], stdout=subprocess.PIPE, text=True
        )
        for step in STEPS
    }
    for step, process in running.items():
        assert (step, process.communicate(timeout=300)[0], process.returncode) == (step, "", -number)
    model = ScriptedModel("SELECT max(age) FROM singer")
    with SQLAgent(tiny, sql_model=model, graph="direct") as agent:
        for step in STEPS:
            model.asked.clear()
            answer = agent.ask("What is the greatest age?", thread_id=step)
            assert (answer.status, answer.rows) == ("answered", ((52,),))
            told = [message.content for message in model.asked[0]]
            assert told[1:3] == ["Question: How many singers are there?", COUNT]
            assert agent.pending(step) is None
