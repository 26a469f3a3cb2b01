// The side of the page: earlier conversations, and the tables and columns of the database.

import * as api from "./api.js";
import { focused, html, IconButton, plural, Problem, shown, useEffect, useMemo, useState } from "./ui.js";

const MOST_TABLES = 100; // drawn at a time; the search finds the others

export function History({ database, current, changed, onOpen, onDeleted }) {
  const [items, setItems] = useState([]);
  const [problem, setProblem] = useState("");
  const [turn, setTurn] = useState(0);
  const [doomed, setDoomed] = useState("");
  useEffect(() => {
    api.conversations(database).then(
      (body) => {
        setItems(body.conversations);
        setProblem("");
      },
      (error) => setProblem(error.message),
    );
  }, [database, changed, turn]);
  const remove = async (id) => {
    try {
      await api.forget(database, id);
      onDeleted(id);
      setTurn((number) => number + 1);
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`<section aria-labelledby="history-title">
    <h2 id="history-title">History</h2>
    ${problem && html`<${Problem}>${shown(problem)}<//>`}
    ${items.length === 0 && html`<p class="muted">Conversations about this database appear here.</p>`}
    <ul class="history">${items.map(
      (item) => html`<li key=${item.id}>
        <button type="button" class="quiet title" aria-current=${item.id === current ? "true" : undefined} onClick=${() => onOpen(item.id)}>${shown(item.title)}${item.waiting && html`<small class="muted waiting"> waits for you</small>`}</button>
        ${doomed === item.id
          ? html`<button type="button" class="small" ref=${focused} onClick=${() => remove(item.id)} onBlur=${() => setDoomed("")}>Delete</button>`
          : html`<${IconButton} icon="trash-2" label=${`Delete conversation: ${shown(item.title)}`} onClick=${() => setDoomed(item.id)} />`}
      </li>`,
    )}</ul>
  </section>`;
}

export function Schema({ database, entered }) {
  const [schema, setSchema] = useState(null);
  const [problem, setProblem] = useState("");
  const [wanted, setWanted] = useState("");
  const load = () => {
    setProblem("");
    api.schema(database).then(setSchema, (error) => setProblem(error.message));
  };
  useEffect(load, [database, entered]);
  const found = useMemo(() => matching(schema?.tables ?? [], wanted.trim().toLowerCase()), [schema, wanted]);
  return html`<section aria-labelledby="schema-title">
    <h2 id="schema-title">Schema</h2>
    ${problem && html`<${Problem}>${shown(problem)}<//><button type="button" class="small secondary outline" onClick=${load}>Try again</button>`}
    <input type="search" aria-label="Search tables and columns" placeholder="Search tables and columns" value=${wanted}
      onInput=${(event) => setWanted(event.target.value)} />
    <p class="muted" role="status">${schema ? plural(found.length, "table") : problem ? "" : "Loading"}${found.length > MOST_TABLES ? `, the first ${MOST_TABLES} shown` : ""}</p>
    <div class="tables">${found.slice(0, MOST_TABLES).map(({ table, open }) => html`<${Table} key=${`${table.namespace ?? ""}.${table.name}`} table=${table} open=${open} wanted=${wanted.trim().toLowerCase()} />`)}</div>
  </section>`;
}

/** Give the tables whose name or columns hold the text; open where it is a column that does. */
function matching(tables, text) {
  if (!text) return tables.map((table) => ({ table, open: false }));
  return tables.flatMap((table) => {
    const named = `${table.namespace ?? ""}.${table.name} ${table.comment ?? ""}`.toLowerCase().includes(text);
    const column = table.columns.some((one) => one.name.toLowerCase().includes(text));
    return named || column ? [{ table, open: column }] : [];
  });
}

function Table({ table, open, wanted }) {
  const linked = new Map(table.foreign_keys.flatMap((key) => key.columns.map((name) => [name, key.to_table])));
  return html`<details open=${open}>
    <summary>${shown(table.name)} ${table.rows !== null && html`<small class="muted">${plural(table.rows, "row")}</small>`}</summary>
    ${table.comment && html`<p class="muted">${shown(table.comment)}</p>`}
    <ul>${table.columns.map(
      (column) => html`<li key=${column.name} class=${wanted && column.name.toLowerCase().includes(wanted) ? "hit" : ""}>
        <code>${shown(column.name)}</code> <small class="muted">${shown(column.type)}${table.primary_key.includes(column.name) ? ", primary key" : ""}${linked.has(column.name) ? `, to ${shown(linked.get(column.name))}` : ""}</small>
        ${column.comment && html`<small class="muted block">${shown(column.comment)}</small>`}
        ${column.values.length > 0 && html`<small class="muted block values">${column.values.slice(0, 4).map((one) => shown(one).slice(0, 30)).join(", ")}${column.values.length > 4 || !column.values_complete ? " …" : ""}</small>`}
      </li>`,
    )}</ul>
  </details>`;
}
