"""What happens around the steps of every trainer: whole checkpoints, validation by answers, curves, and stopping."""

from __future__ import annotations

import errno
import json
import logging
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from transformers import TrainerCallback

from agentsql.errors import TrainingError
from agentsql.train.answering import share_right
from agentsql.train.examples import Example
from agentsql.train.judging import Judge
from agentsql.train.processes import process_count

logger = logging.getLogger(__name__)

WHOLE = "complete"
"""Empty file that is written last into a checkpoint, so that one that was cut short is known."""
LOG = "log.jsonl"


class Watched:
    """Mixed into a trainer of transformers: checkpoints are whole or not there, and validation answers questions."""

    args: Any
    state: Any
    accelerator: Any
    model: Any
    answered: Sequence[Example] = ()
    """Validation rows that are answered; none where the loss alone is wanted."""
    judge: Judge | None = None
    tokenizer_: Any = None
    new_tokens: int = 256

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> Any:
        """Give the trainer's own evaluation with `eval_accuracy` beside the loss."""
        output = super().evaluation_loop(*args, **kwargs)  # type: ignore[misc]  # of the trainer it is mixed into
        if self.answered and self.judge is not None:
            output.metrics["eval_accuracy"] = self._accuracy(self.judge)
        return output

    def _accuracy(self, judge: Judge) -> float:
        """Answer this process's share of the questions, and give the share that is right over all processes."""
        import torch

        own = list(self.answered)[self.accelerator.process_index :: self.accelerator.num_processes]
        model = self.accelerator.unwrap_model(self.model)
        right, known = share_right(model, self.tokenizer_, own, judge, new_tokens=self.new_tokens) if own else (0.0, 0)
        both = torch.tensor([float(right), float(known)], device=self.accelerator.device)
        total = self.accelerator.reduce(both, reduction="sum").tolist()
        return float(total[0] / total[1]) if total[1] else 0.0

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(*args, **kwargs)  # type: ignore[misc]
            if self.args.should_save:
                (folder / WHOLE).touch()
        except Exception as exc:  # writers of tensors raise what they like when a disk is full
            if not _is_disk_trouble(exc):
                raise
            shutil.rmtree(folder, ignore_errors=True)
            raise not_saved(folder, exc) from exc


class Curves(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Appends each point of the curves to `log.jsonl` and says it in one line."""

    def __init__(self, output: Path) -> None:
        self._path = output / LOG

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """Take the points of one step."""
        del args, control, kwargs
        if not state.is_world_process_zero or not logs:
            return
        values = {name: value for name, value in logs.items() if isinstance(value, int | float)}
        try:
            with self._path.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"step": state.global_step, **values}) + "\n")
        except OSError as exc:  # the next checkpoint says it with the way on, if the disk is still full then
            logger.warning("step %d is not in %s: %s", state.global_step, self._path, exc.strerror or exc)
        shown = [f"{name} {value:.4g}" for name, value in values.items() if name in _SHOWN]
        if shown:
            logger.info("step %d of %d: %s", state.global_step, state.max_steps, ", ".join(shown))


class StopOnSignal(TrainerCallback):  # type: ignore[misc]
    """Lets a step end, saves it, and stops, when Ctrl-C is pressed or the process is told to end."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        """Stop if told to, all processes after the same step."""
        del args, state, kwargs
        if self._anyone_stopped():
            self.stopped.set()
            control.should_save = True
            control.should_evaluate = False
            control.should_training_stop = True
        return control

    def _anyone_stopped(self) -> bool:
        if process_count() == 1:
            return self.stopped.is_set()
        import torch
        from torch import distributed

        flag = torch.tensor([float(self.stopped.is_set())])
        if distributed.get_backend() == "nccl":
            flag = flag.cuda()
        distributed.all_reduce(flag, op=distributed.ReduceOp.MAX)
        return bool(flag.item())

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take signals; a second one ends the program at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def stop(number: int, frame: FrameType | None) -> None:
            del frame
            if self.stopped.is_set():
                if process_count() > 1:
                    return  # a launcher hands on the signal that this process has had from the terminal already
                raise KeyboardInterrupt
            logger.warning("stopping after this step (signal %d); once more stops at once", number)
            self.stopped.set()

        for number in before:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def last_whole_checkpoint(output: Path) -> Path | None:
    """Give the newest checkpoint that was written to its end; None if there is none."""
    found = [path.parent for path in output.glob(f"checkpoint-*/{WHOLE}")]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def not_saved(folder: Path, exc: Exception) -> TrainingError:
    """Give the error of a save that failed, naming what is left."""
    last = last_whole_checkpoint(folder.parent)
    rest = f"{last.name} before it is whole" if last else "there is no whole checkpoint before it"
    free = shutil.disk_usage(folder.parent).free
    reason = str(exc).strip().split("\n", maxsplit=1)[0]
    return TrainingError(
        f"{folder} could not be saved ({reason}; {free / 1e9:.1f} GB free); {rest}. Make room, then run the same "
        "command with --resume"
    )


def _is_disk_trouble(exc: Exception) -> bool:
    if isinstance(exc, OSError):
        return exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
    words = str(exc).lower()
    return any(word in words for word in ("no space left", "file too large", "disk quota", "os error", "write failed"))


_SHOWN = ("loss", "eval_loss", "eval_accuracy", "reward", "rewards/accuracies", "learning_rate", "mean_token_accuracy")
