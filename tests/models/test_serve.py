"""Which servers `agentsql models serve` plans for which wish; a real one with embedded models."""

import json
import os
import shlex
import signal
import socket
import sys
from pathlib import Path

import pytest

from agentsql.errors import ModelFileError, UsageError
from agentsql.models.serve import Wish, check_machine, engine_for, llama_plan, visible_devices, vllm_plan
from agentsql.models.server import running_servers
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings
from agentsql.types import Message

from .gguf import write_adapter
from .serving import Served
from .test_server import FOLDER, NAME, needs_model, wait_until_gone

MODULE = "python -m vllm.entrypoints.openai.api_server"


def commands(plan):
    return [shlex.join(server.command).removeprefix(f"{MODULE} ") for server in plan.servers]


def adapter_folder(folder: Path, rank: int) -> str:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank}))
    return str(folder)


def test_two_models_get_two_servers_that_share_the_device():
    plan = vllm_plan(Wish("org/chat", "org/sql", port=9000), python="python")
    usual = "--enable-prompt-tokens-details --gpu-memory-utilization 0.45"
    assert commands(plan) == [
        f"--model org/chat --served-model-name chat --host 127.0.0.1 --port 9000 {usual}",
        f"--model org/sql --served-model-name sql --host 127.0.0.1 --port 9001 {usual}",
    ]
    assert plan.chat_model == "vllm:chat@http://127.0.0.1:9000/v1"
    assert plan.sql_model == "vllm:sql@http://127.0.0.1:9001/v1"
    assert [server.label for server in plan.servers] == ["chat", "sql"]


@pytest.mark.parametrize("wish", [Wish("org/one"), Wish(sql="org/one"), Wish("org/one", "org/one")])
def test_one_model_gets_one_server_under_both_names(wish):
    plan = vllm_plan(wish, python="python")
    usual = "--host 127.0.0.1 --port 8000 --enable-prompt-tokens-details"
    assert commands(plan) == [f"--model org/one --served-model-name chat sql {usual}"]
    assert (plan.chat_model, plan.sql_model) == (
        "vllm:chat@http://127.0.0.1:8000/v1",
        "vllm:sql@http://127.0.0.1:8000/v1",
    )


@pytest.mark.parametrize(
    ("adapters", "base_names", "chat", "sql"),
    [
        pytest.param(["sql"], "chat", "chat", "sql", id="the adapter is the SQL model"),
        pytest.param(["chat"], "sql", "chat", "sql", id="the adapter is the chat model"),
        pytest.param(["tuned"], "chat sql", "chat", "tuned", id="an adapter of another name plays SQL"),
        pytest.param(["chat", "sql"], "base", "chat", "sql", id="both are adapters"),
    ],
)
def test_an_adapter_is_the_second_model_of_one_server(tmp_path, adapters, base_names, chat, sql):
    paths = {name: adapter_folder(tmp_path / name, 48) for name in adapters}
    plan = vllm_plan(Wish("org/one", adapters=paths), python="python")
    modules = " ".join(f"{name}={path}" for name, path in paths.items())
    (command,) = commands(plan)
    assert f"--served-model-name {base_names} --host" in command
    assert command.endswith(f" --enable-lora --max-lora-rank 64 --lora-modules {modules}")
    assert (plan.chat_model, plan.sql_model) == (
        f"vllm:{chat}@http://127.0.0.1:8000/v1",
        f"vllm:{sql}@http://127.0.0.1:8000/v1",
    )


def test_replicas_follow_each_other_and_are_dealt_out_to_the_devices():
    plan = vllm_plan(Wish("org/chat", "org/sql", replicas=2), python="python", devices=("4", "7"))
    assert [(server.label, dict(server.environment)) for server in plan.servers] == [
        ("chat-1", {"CUDA_VISIBLE_DEVICES": "4"}),
        ("chat-2", {"CUDA_VISIBLE_DEVICES": "7"}),
        ("sql-1", {"CUDA_VISIBLE_DEVICES": "4"}),
        ("sql-2", {"CUDA_VISIBLE_DEVICES": "7"}),
    ]
    assert all("--gpu-memory-utilization 0.45" in command for command in commands(plan))
    assert plan.sql_model == "vllm:sql@http://127.0.0.1:8002/v1,http://127.0.0.1:8003/v1"


def test_a_server_over_several_devices_gets_all_of_them_and_own_options_come_last():
    extra = ("--tensor-parallel-size", "2")
    (server,) = vllm_plan(Wish("org/one", extra=extra), python="python", devices=("0", "1")).servers
    assert server.environment == {}
    assert server.command[-2:] == extra


def test_a_server_for_other_machines_is_named_by_its_host():
    plan = vllm_plan(Wish("org/one", host="0.0.0.0"), python="python")
    assert plan.chat_model == f"vllm:chat@http://{socket.gethostname()}:8000/v1"


@pytest.mark.parametrize(
    ("wish", "error", "message"),
    [
        (Wish(), UsageError, "there is no model to serve; give --chat"),
        (Wish("qwen2.5-coder-0.5b"), UsageError, "is a GGUF model; serve it with `--engine llama`"),
        (Wish("./model.gguf"), UsageError, "is a GGUF model"),
        (Wish("/nowhere/model"), ModelFileError, "there is no folder '/nowhere/model'"),
        (Wish(str(Path(__file__).parent)), ModelFileError, "holds neither a model nor an adapter"),
        (Wish("a/b", adapters={"sql": "/nowhere"}), ModelFileError, "there is no folder '/nowhere'"),
        (Wish("a/b", "c/d", adapters={"sql": "e/f"}), UsageError, "an adapter needs one model for both roles"),
        (Wish("a/b", extra=("--port=1",)), UsageError, "--port=1 is what `agentsql models serve` sets itself"),
    ],
)
def test_what_vllm_cannot_serve_is_refused_before_it_is_started(wish, error, message):
    with pytest.raises(error, match=message):
        vllm_plan(wish, python="python")


def test_embedded_models_and_gguf_files_go_to_llama():
    engines = [engine_for(Wish(model)) for model in ("qwen2.5-coder-0.5b", "/x/y.gguf", "Qwen/Qwen2.5-3B-Instruct")]
    assert engines == ["llama", "llama", "vllm"]


@pytest.mark.parametrize("change", [{"port": 9000}, {"replicas": 2}, {"extra": ("--x",)}, {"host": "0.0.0.0"}])
def test_a_local_server_takes_no_option_of_vllm(change):
    with pytest.raises(UsageError, match=r"are for `--engine vllm`"):
        llama_plan(Wish("qwen2.5-coder-0.5b", **change), ModelSettings())


def test_a_machine_without_vllm_or_with_a_taken_port_is_told_so_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wish = Wish("org/one", port=taken.getsockname()[1])
        plan = vllm_plan(wish, python=sys.executable)
        with pytest.raises(UsageError, match=r"there is no vLLM in .*python; install it there"):
            check_machine(plan, wish, python=sys.executable)
        with pytest.raises(UsageError, match=r"cannot run the Python '/nowhere'"):
            check_machine(plan, wish, python="/nowhere")
        anything = tmp_path / "python"
        anything.write_text("#!/bin/sh\nexit 0\n")
        anything.chmod(0o755)
        with pytest.raises(UsageError, match=rf"cannot listen on 127.0.0.1:{wish.port}: .*; give another --port"):
            check_machine(plan, wish, python=str(anything))


def test_devices_are_those_that_the_environment_allows():
    assert visible_devices({"CUDA_VISIBLE_DEVICES": "2,3"}) == ("2", "3")
    assert visible_devices({"CUDA_VISIBLE_DEVICES": ""}) == ()


@needs_model
async def test_an_embedded_model_is_served_with_an_adapter_comes_back_after_a_crash_and_stops(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AGENTSQL_MODELS_DIRECTORY", str(FOLDER))
    adapter = write_adapter(tmp_path / "adapter.gguf")
    served = Served("--chat", NAME, "--lora", f"sql={adapter}")
    specs = served.specs()
    assert specs == (f"local:{NAME}+{adapter}", f"local:{NAME}")
    endpoints = [open_endpoint(spec, settings=ModelSettings(directory=str(FOLDER))) for spec in specs]
    try:
        for endpoint in endpoints:
            await endpoint.complete([Message("user", "Hello")], max_tokens=2)
        (server,) = running_servers()
        os.kill(server.pid, signal.SIGKILL)
        said = served.wait_for("died with status -9")
        assert said == "chat+sql | died with status -9; starting it again in 1 s (restart 1 of at most 5)"
        served.wait_for("healthy again")
        (other,) = running_servers()
        for endpoint in endpoints:
            await endpoint.complete([Message("user", "Hello")], max_tokens=2)
        assert [one.pid for one in running_servers()] == [other.pid]
    finally:
        for endpoint in endpoints:
            await endpoint.close()
        code = served.end(signal.SIGINT)
    assert code == 0
    assert wait_until_gone(other.pid)
    assert running_servers() == ()


def test_what_would_be_run_is_printed(capsys):
    from agentsql.cli.main import main

    arguments = ["models", "serve", "--chat", "org/one", "--python", "python", "--dry-run", "--", "--seed", "7"]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"# chat+sql\n{MODULE} --model org/one --served-model-name chat sql ")
    assert "--seed 7\n" in said.out
    assert "  export AGENTSQL_AGENT_CHAT_MODEL=vllm:chat@http://127.0.0.1:8000/v1\n" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "there is no model to serve"),
        (["--chat", "org/one", "--lora", "sql"], 2, "--lora 'sql' is not of the form NAME=PATH"),
        (["--chat", "/nowhere/model"], 5, "there is no folder"),
        (["--chat", "/nowhere/model.gguf"], 5, "there is no model file"),
    ],
)
def test_a_wrong_wish_ends_with_its_exit_code(capsys, arguments, code, message):
    from agentsql.cli.main import main

    assert main(["models", "serve", *arguments]) == code
    assert message in capsys.readouterr().err


def test_a_model_may_be_named_as_in_a_spec(capsys):
    from agentsql.cli.main import main

    assert main(["models", "serve", "--sql", "local:qwen2.5-coder-0.5b", "--dry-run"]) == 0
    assert "--sql-model local:qwen2.5-coder-0.5b " in capsys.readouterr().out
