from __future__ import annotations

from pathlib import Path

from agentsql.graph import load_graph
from agentsql.graph.show import to_mermaid

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_picture_in_the_readme_is_the_default_graph() -> None:
    picture = README.read_text().partition("```mermaid\n")[2].partition("```")[0]
    assert picture.strip() == to_mermaid(load_graph("default")).strip()
