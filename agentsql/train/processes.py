"""Training in several processes: how many there are, and a launcher that starts fewer than it was asked for."""

from __future__ import annotations

import os
import re

from agentsql.errors import TrainingError


def process_count() -> int:
    """Give the number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first_process() -> bool:
    """Tell whether this is the process that writes."""
    return os.environ.get("RANK", "0") == "0"


def check_launcher() -> None:
    """See that the launcher started as many processes as it was told to.

    `accelerate launch --cpu --num_processes 2` (accelerate 1.15) starts one, without a word.

    Raises:
        TrainingError: it did not.
    """
    import psutil

    parent = psutil.Process().parent()
    command = " ".join(parent.cmdline()) if parent else ""
    wanted = re.search(r"accelerate.*--num_processes[= ](\d+)", command)
    if wanted and int(wanted[1]) > process_count():
        raise TrainingError(
            f"accelerate launch was told to start {wanted[1]} processes and started {process_count()}; use "
            f"`python -m torch.distributed.run --nproc_per_node {wanted[1]} --no-python agentsql train …`"
        )
