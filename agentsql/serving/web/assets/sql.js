// SQL in colours, as text nodes: highlight.js's tree of tokens, not its HTML.

import hljs from "./vendor/highlight/highlight.js";
import grammar from "./vendor/highlight/highlight-sql.js";
import { html, shown } from "./ui.js";

hljs.registerLanguage("sql", grammar);
const LONGEST = 50_000; // characters; above it colours cost more than they give

const token = (node) =>
  typeof node === "string"
    ? shown(node)
    : node.scope
      ? html`<span class="hl-${node.scope.split(".")[0]}">${node.children.map(token)}</span>`
      : node.children.map(token);

export function Sql({ sql, name }) {
  const tree = sql.length > LONGEST ? sql : hljs.highlight(sql, { language: "sql", ignoreIllegals: true })._emitter.root;
  return html`<pre class="sql" tabindex="0" role="region" aria-label=${name}><code>${token(tree)}</code></pre>`;
}
