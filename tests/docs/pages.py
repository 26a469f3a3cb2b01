"""The pages that people read, cut into their blocks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
"""Those whose Python is run."""
READMES = (
    *(path for folder in ("agentsql", "benchmarks", "examples") for path in sorted((ROOT / folder).rglob("README.md"))),
    *sorted(ROOT.glob("plugins/*/README.md")),
    ROOT / "CONTRIBUTING.md",
)
"""Those of the folders, which are pages of the site too."""
_FENCE = re.compile(
    r"^(?:<!-- no-run: (?P<reason>[^\n]+?) -->\n+)?(?P<indent> *)```(?P<language>[\w-]*)(?P<attributes>[^\n]*)\n"
    r"(?P<text>.*?)^(?P=indent)```\s*$",
    re.MULTILINE | re.DOTALL,
)
_SHELLS = ("console", "sh", "shell", "bash", "text")
_INLINE = re.compile(r"(?<!`)`(agentsql [^`\n]+)`(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    attributes: str
    text: str
    reason: str
    """Why it is not run; empty where it is."""

    @property
    def title(self) -> str:
        """The file that it is the text of, if it says so."""
        found = re.search(r'title="([^"]+)"', self.attributes)
        return found[1] if found else ""


def blocks(page: Path) -> Iterator[Block]:
    """Give the fenced blocks of a page in their order."""
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start("language")) + 1
        yield Block(
            str(page.relative_to(ROOT)), line, found["language"], found["attributes"], found["text"],
            found["reason"] or "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """An `agentsql …` line of a page, as the shell would cut it."""

    place: str
    words: tuple[str, ...]


def commands(page: Path) -> Iterator[Command]:
    """Give the command lines of a page: fenced as shell, indented as code, and in running text."""
    place = str(page.relative_to(ROOT))
    text = page.read_text("utf-8")
    fence = before = ""
    for number, line in enumerate(text.replace("\\\n", " ").splitlines(), 1):
        if mark := re.match(r" *```(.*)$", line):
            fence = "" if fence else mark[1].strip() or "text"
        is_code = fence in _SHELLS if fence else line.startswith("    ") and (not before or before.startswith("    "))
        found = re.match(r"\s*(?:\$ )?(?:\S*/)?(agentsql .*)$", line)
        if is_code and found:
            yield from _cut(f"{place}:{number}", found[1])
        before = line
    for found in _INLINE.finditer(text):
        yield from _cut(f"{place}, `{found[1]}`", found[1])


def _cut(place: str, line: str) -> Iterator[Command]:
    for part in re.split(r"; (?=agentsql )|\s[|<>]\s?", line):
        if part.startswith("agentsql "):
            yield Command(place, tuple(_one_of(word) for word in shlex.split(part, comments=True)[1:] if word != "…"))


def _one_of(word: str) -> str:
    """Give the first of `step|model|graph`, which stands for any of them."""
    return word.partition("|")[0] if re.fullmatch(r"[a-z]+(\|[a-z]+)+", word) else word
