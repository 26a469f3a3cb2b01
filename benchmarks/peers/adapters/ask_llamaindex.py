"""LlamaIndex: `NLSQLTableQueryEngine`, all tables given, without the second call that words the rows."""

from __future__ import annotations

from line import MAX_TOKENS, Options, Reply, main


def open_peer(options: Options):
    from llama_index.core import MockEmbedding, SQLDatabase
    from llama_index.core.query_engine import NLSQLTableQueryEngine
    from llama_index.llms.openai_like import OpenAILike
    from sqlalchemy import create_engine

    model = OpenAILike(
        model=options.model,
        api_base=options.url,
        api_key="none",
        is_chat_model=True,
        context_window=8192,
        temperature=0.0,
        max_tokens=MAX_TOKENS,
        timeout=600.0,
        max_retries=0,
    )

    def ask(question: str, database: str, evidence: str) -> Reply:
        opened = SQLDatabase(create_engine(f"sqlite:///{database}"))
        engine = NLSQLTableQueryEngine(
            sql_database=opened,
            tables=list(opened.get_usable_table_names()),
            llm=model,
            embed_model=MockEmbedding(embed_dim=1),  # asked for on opening, used by nothing here
            synthesize_response=False,
        )
        response = engine.query(f"{question}\nHint: {evidence}" if evidence else question)
        return Reply(response.metadata.get("sql_query", ""), str(response))

    return ask


if __name__ == "__main__":
    main(open_peer, "llama-index-core", "llama-index-llms-openai-like")
