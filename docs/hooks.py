"""Put the READMEs of the folders into the site as they are, so that nothing is written twice."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    **{
        f"agentsql/{name}/README.md": f"depth/{name}.md"
        for name in ("cli", "data", "db", "evaluation", "graph", "models", "observe", "retrieval", "runs", "serving")
    },
    "agentsql/models/adapters/README.md": "depth/adapters.md",
    "agentsql/steps/README.md": "depth/steps.md",
    "agentsql/train/README.md": "depth/train.md",
    "agentsql/testing/README.md": "depth/testing.md",
    "agentsql/scaffold/README.md": "depth/scaffold.md",
    "agentsql/serving/web/README.md": "depth/web.md",
    "benchmarks/README.md": "depth/benchmarks.md",
    "benchmarks/peers/README.md": "depth/peers.md",
    "examples/README.md": "depth/examples.md",
    "CONTRIBUTING.md": "depth/contributing.md",
    "CHANGELOG.md": "depth/changelog.md",
    "README.md": "index.md",
    **{
        str(path.relative_to(ROOT)): f"depth/plugins/{path.parent.name}.md"
        for path in sorted(ROOT.glob("plugins/*/README.md"))
    },
}
_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(([^)\s]+)\)")


def on_files(files: Any, config: Any) -> Any:
    """Add a page for each README, and keep those of docs/."""
    for source, page in PAGES.items():
        if page != "index.md":
            files.append(File.generated(config, page, content=read_page(source)))
    files.append(File.generated(config, "depth/plugins/index.md", content=list_plugins()))
    return files


def list_plugins() -> str:
    """Give a page with a link and the first sentence of each package in plugins/."""
    lines = ["# Plugins that come along", "", "Packages in `plugins/`, each installed by itself:", ""]
    for source, page in PAGES.items():
        if source.startswith("plugins/"):
            _title, _, rest = (ROOT / source).read_text("utf-8").partition("\n\n")
            sentence = _LINK.sub(r"\1", rest.partition("\n\n")[0])
            lines.append(f"- [{Path(page).stem}]({Path(page).name}): {' '.join(sentence.split())}")
    return "\n".join(lines) + "\n"


def read_page(source: str) -> str:
    """Give a README with its links made those of the site; a link to a file that is no page becomes its name."""
    folder = posixpath.dirname(source)
    here = posixpath.dirname(PAGES[source])

    def relinked(match: re.Match[str]) -> str:
        text, target = match.groups()
        path, _, anchor = target.partition("#")
        if not path or "://" in target:
            return match[0]
        meant = posixpath.normpath(posixpath.join(folder, path))
        page = PAGES.get(meant) or PAGES.get(f"{meant}/README.md")
        if page is None:
            return f"{text} (`{meant}`)" if text.strip("`") != meant else f"`{meant}`"
        return f"[{text}]({posixpath.relpath(page, here)}{'#' * bool(anchor)}{anchor})"

    text = (ROOT / source).read_text("utf-8")
    return _LINK.sub(relinked, text)
