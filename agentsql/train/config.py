"""What a training recipe says, each value with its default and its bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

Method = Literal["sft", "dpo", "grpo", "ppo"]
Task = Literal["sql", "schema", "correct", "select"]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The smallest value that a number may have."""

    value: float


@dataclass(frozen=True, slots=True)
class Above:
    """A value that a number must be above."""

    value: float


@dataclass(frozen=True, slots=True)
class AtMost:
    """The largest value that a number may have."""

    value: float


Count = Annotated[int, AtLeast(1)]
CountOrNone = Annotated[int, AtLeast(0)]
Positive = Annotated[float, Above(0)]
NotNegative = Annotated[float, AtLeast(0)]
Fraction = Annotated[float, AtLeast(0), AtMost(1)]


@dataclass(frozen=True, slots=True)
class ModelPart:
    """Which model is tuned, and how much of it."""

    base: str
    """A folder in Hugging Face's layout, a name on the hub, or `local:NAME` and `local:PATH.gguf`, which are turned
    into such a folder first."""
    tune: Literal["lora", "qlora", "full"] = "lora"
    """`qlora` holds the base in NF4 with double quantisation; `full` trains every weight."""
    adapter: str = ""
    """Folder of a LoRA adapter to go on training from; its own rank and targets then hold."""
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    """Of the base's weights; auto is bfloat16 on a GPU, but float32 without one or where all weights are trained."""
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = "auto"
    chat_template: str = ""
    """File of a Jinja chat template, for a tokenizer that has none."""


@dataclass(frozen=True, slots=True)
class LoraPart:
    """The adapter that is trained."""

    rank: Count = 16
    alpha: Positive = 32.0
    dropout: Fraction = 0.0
    targets: tuple[str, ...] = ("all-linear",)
    """Names of the layers that it is put beside; `all-linear` is every one but the output."""


@dataclass(frozen=True, slots=True)
class DataPart:
    """The rows that are learned from, in the layout of `agentsql/data/rows.py`."""

    train: tuple[str, ...]
    """Files, read in this order."""
    validation: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ("sql",)
    """Rows of other tasks are left out."""
    most_rows: CountOrNone = 0
    """Rows drawn at random, by the seed, where there are more; 0 takes all."""
    max_tokens: Count = 1024
    """Of prompt and reply together; longer rows are left out, as a query cut short teaches the wrong thing."""
    too_long_share: Fraction = 0.05
    """Nothing is trained where a larger share of the rows is too long or empty."""


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """How it is learned."""

    epochs: Positive = 1.0
    max_steps: CountOrNone = 0
    """Steps after which training ends; 0 goes by the epochs."""
    batch: Count = 1
    """Rows at a time in one process."""
    accumulate: Count = 8
    """Batches of a step."""
    learning_rate: Positive = 2e-4
    schedule: Literal["cosine", "linear", "constant", "constant_with_warmup"] = "cosine"
    warmup: Fraction = 0.03
    """Share of the steps in which the learning rate rises."""
    weight_decay: NotNegative = 0.0
    max_gradient: Positive = 1.0
    optimizer: Literal["adamw_torch", "adamw_torch_fused", "paged_adamw_32bit", "paged_adamw_8bit"] = "adamw_torch"
    packing: bool = False
    """Fill each sequence of `max_tokens` with several rows; only sft."""
    share_prefix: bool = False
    """Fill each with rows of one database instead, whose common beginning (the schema) is read once; only sft, with the
    loss over the replies alone and `sdpa` attention."""
    completion_only: bool = True
    """Take the loss over the replies alone; only sft."""
    checkpointing: bool = True
    """Compute activations again in the backward pass, in place of keeping them."""
    log_every: Count = 10
    """Steps between two points of the curves."""
    report: tuple[Literal["tensorboard", "wandb"], ...] = ("tensorboard",)
    """Where curves go beside `log.jsonl`."""


@dataclass(frozen=True, slots=True)
class ValidationPart:
    """How a checkpoint is judged on the validation rows."""

    every: CountOrNone = 0
    """Steps between two checkpoints, each of which is judged; 0 is once each epoch."""
    best: Literal["accuracy", "loss"] = "accuracy"
    """What the kept checkpoint is best in: rows answered rightly, by execution, or the loss."""
    questions: Count = 100
    """Validation rows that are answered, the first ones; the loss is over all."""
    new_tokens: Count = 256
    """Of an answer."""
    timeout_s: Positive = 5.0
    """Of one query."""
    patience: CountOrNone = 0
    """Judged checkpoints without a better one after which training ends; 0 never ends it early."""
    keep: Count = 2
    """Newest checkpoints that stay on disk, beside the best."""


@dataclass(frozen=True, slots=True)
class DpoPart:
    """Direct preference optimisation."""

    beta: Positive = 0.1
    """How closely the tuned model stays by the one it began as."""
    loss: Literal["sigmoid", "ipo", "hinge"] = "sigmoid"


@dataclass(frozen=True, slots=True)
class GrpoPart:
    """Group relative policy optimisation."""

    completions: Annotated[int, AtLeast(2)] = 8
    """Sampled for each prompt, and compared with each other."""
    new_tokens: Count = 256
    temperature: Positive = 1.0
    beta: NotNegative = 0.0
    """Weight of the distance from the model it began as; 0 needs no second forward pass."""
    clip: Positive = 0.2


@dataclass(frozen=True, slots=True)
class PpoPart:
    """Proximal policy optimisation with a value head on the policy."""

    rollouts: Count = 16
    """Prompts answered between two rounds of updates, in one process."""
    epochs: Count = 4
    """Passes over each round's rollouts."""
    new_tokens: Count = 256
    temperature: Positive = 1.0
    kl: NotNegative = 0.05
    """Weight of the distance from the model it began as, in each token's reward."""
    clip: Positive = 0.2
    value_clip: Positive = 0.2
    value_weight: Positive = 0.1
    gamma: Fraction = 1.0
    lam: Fraction = 0.95
    missing_end: NotNegative = 1.0
    """Taken off the reward of a reply that was cut off."""


@dataclass(frozen=True, slots=True)
class RewardsPart:
    """Weights of the rewards of a reply; 0 leaves one out. Each reward is between 0 and 1."""

    execution: NotNegative = 1.0
    """Gives the gold's rows."""
    executable: NotNegative = 0.2
    """Runs at all."""
    schema: NotNegative = 0.1
    """Share of its tables and columns that exist."""
    ngrams: NotNegative = 0.0
    """Runs of words shared with the gold."""
    levenshtein: NotNegative = 0.0
    """Letters in common with the gold."""
    length: NotNegative = 0.0
    """1 up to the gold's length, falling to 0 at thrice that."""
    timeout_s: Positive = 5.0
    """Of one query of the model's."""


@dataclass(frozen=True, slots=True)
class HubPart:
    """Where the result is uploaded, with its model card."""

    repository: str = ""
    """`OWNER/NAME`; empty uploads nothing."""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Recipe:
    """All of a recipe."""

    name: str
    method: Method
    model: ModelPart
    data: DataPart
    output: str = ""
    """Folder of checkpoints and result; empty is `training/NAME`."""
    source: str = ""
    """Whose settings these are, where they are not ours."""
    seed: CountOrNone = 42
    lora: LoraPart = field(default_factory=LoraPart)
    training: TrainingPart = field(default_factory=TrainingPart)
    validation: ValidationPart = field(default_factory=ValidationPart)
    dpo: DpoPart = field(default_factory=DpoPart)
    grpo: GrpoPart = field(default_factory=GrpoPart)
    ppo: PpoPart = field(default_factory=PpoPart)
    rewards: RewardsPart = field(default_factory=RewardsPart)
    hub: HubPart = field(default_factory=HubPart)


METHOD_SECTIONS = {"dpo": ("dpo",), "grpo": ("grpo", "rewards"), "ppo": ("ppo", "rewards"), "sft": ()}
"""Sections that only recipes of some methods may have."""
