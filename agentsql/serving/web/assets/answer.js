// One question and what came of it: steps, SQL, rows, chart, sentence, and what a person does with them.

import * as api from "./api.js";
import { Chart, chartsOf } from "./chart.js";
import { Editor } from "./editor.js";
import { Thumbs } from "./feedback.js";
import { Sql } from "./sql.js";
import { Rows } from "./table.js";
import { download, html, Icon, IconButton, plural, Problem, seconds, shown, useEffect, useMemo, useState } from "./ui.js";

const FORMATS = [["csv", "CSV"], ["xlsx", "Excel"], ["json", "JSON"], ["parquet", "Parquet"]];

export function Turn({ turn, number, last, database, onDecide, onAgain }) {
  const { answer } = turn;
  const waits = last && answer?.status === "waiting" && !turn.settled;
  return html`<article class="turn" aria-label=${`Question ${number}`}>
    <h2 class="question">${shown(turn.question)}</h2>
    <div class="reply">
      ${waits && html`<${Approval} key=${turn.version} turn=${turn} database=${database} onDecide=${onDecide} />`}
      ${answer && !waits && html`<${Answered} key=${turn.version} turn=${turn} number=${number} answer=${answer} database=${database} />`}
      ${turn.running && (!answer || waits) && html`<${Working} turn=${turn} />`}
      ${turn.problem && html`<${Problem}>${shown(turn.problem)}<//>`}
      ${onAgain && html`<p><button type="button" class="small secondary outline" onClick=${onAgain}>Ask again</button></p>`}
    </div>
  </article>`;
}

function Working({ turn }) {
  return html`<div class="working">
    <p aria-busy="true">${turn.steps.length ? "Working" : "Waiting for its turn"}</p>
    <${Steps} steps=${turn.steps} />
    ${turn.tokens && html`<pre class="tokens">${shown(turn.tokens.slice(-600))}</pre>`}
  </div>`;
}

const DOES = {
  route: "Reading the question",
  link: "Finding the words of the question in the data",
  prune: "Choosing tables",
  retrieve: "Looking for similar questions",
  generate: "Writing SQL",
  check: "Checking the SQL",
  execute: "Running the query",
  mend: "Mending the SQL",
  correct: "Correcting the SQL",
  select: "Choosing among the queries",
  answer: "Wording the answer",
  reply: "Replying",
};

function Steps({ steps }) {
  return html`<ol class="steps">${steps.map(
    (step, index) => html`<li key=${index} class=${step.state}>
      <span class="name">${DOES[step.step] ?? shown(step.step)}</span>
      ${step.seconds !== undefined && html`<span class="muted">${seconds(step.seconds)}</span>`}
      ${step.tables && html`<span class="muted">${shown(step.tables.slice(0, 6).join(", "))}${step.tables.length > 6 ? " …" : ""}</span>`}
      ${step.notes?.length > 0 && html`<span class="muted">${shown(step.notes.join("; "))}</span>`}
    </li>`,
  )}</ol>`;
}

const STATUS = {
  refused: "This was refused.",
  failed: "No answer was found.",
  clarify: "The question needs more words.",
  waiting: "This query has waited for a decision; nothing came of it.",
};

function Answered({ turn, number, answer, database }) {
  const [result, setResult] = useState(answer);
  const own = result !== answer;
  const failure = result.error;
  return html`
    ${STATUS[answer.status] && !own && html`<p class="status">${STATUS[answer.status]}</p>`}
    ${answer.text && answer.status !== "waiting" && !own && html`<p class="sentence">${shown(answer.text)}</p>`}
    ${own && html`<p class="muted">The result of the query as it stands below, not the answer's own.</p>`}
    ${failure && (own || !answer.text?.includes(failure.message)) && html`<${Problem}>${shown(failure.message)}${failure.hint ? ` (${shown(failure.hint)})` : ""}<//>`}
    ${answer.sql && html`<${Query} number=${number} sql=${result.sql} database=${database} onResult=${setResult} />`}
    ${!failure && result.columns?.length > 0 &&
    (result.rows
      ? html`<${Result} number=${number} result=${result} database=${database} />`
      : html`<${Again} sql=${answer.sql} database=${database} onResult=${setResult} />`)}
    <footer>
      ${answer.sql && html`<${Thumbs} question=${turn.question} sql=${result.sql} database=${database} />`}
      ${answer.trace && html`<${Trace} number=${number} answer=${answer} steps=${turn.steps} />`}
    </footer>`;
}

function Query({ sql, number, database, onResult }) {
  const [draft, setDraft] = useState(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(sql).then(() => setSaid("Copied"), () => setSaid("The browser did not allow copying"));
  const run = async () => {
    if (busy || !draft.trim()) return;
    setBusy(true);
    setSaid("");
    try {
      onResult(await api.runSql(database, draft));
      setDraft(null);
    } catch (problem) {
      setSaid(problem.message);
    } finally {
      setBusy(false);
    }
  };
  const editing = draft !== null;
  return html`<div class="query">
    ${editing
      ? html`<${Editor} label="Edit SQL" sql=${draft} database=${database} focus onInput=${setDraft} onRun=${run} onCancel=${() => setDraft(null)} />`
      : html`<${Sql} sql=${sql} name=${`SQL of answer ${number}`} />`}
    <div class="tools">
      ${editing
        ? html`<button type="button" class="small" aria-busy=${busy} disabled=${busy || !draft.trim()} onClick=${run}>Run</button>
            <button type="button" class="small secondary outline" onClick=${() => setDraft(null)}>Cancel</button>
            <span class="muted">It can only read<span class="keys">; Ctrl+Enter runs it</span>.</span>`
        : html`<${IconButton} icon="copy" label="Copy SQL" text="Copy" onClick=${copy} />
            <${IconButton} icon="pencil" label="Edit SQL and run it" text="Edit" onClick=${() => setDraft(sql)} />`}
      <span class="muted" role="status">${said}</span>
    </div>
  </div>`;
}

function Again({ sql, database, onResult }) {
  const [problem, setProblem] = useState("");
  const run = () => api.runSql(database, sql).then(onResult, (error) => setProblem(error.message));
  return html`<p><button type="button" class="small secondary" onClick=${run}><${Icon} name="play" /> Show the rows again</button></p>
    ${problem && html`<${Problem}>${shown(problem)}<//>`}`;
}

function Result({ result, number, database }) {
  const charts = useMemo(() => chartsOf(result.columns, result.rows), [result]);
  const [view, setView] = useState("table");
  const [said, setSaid] = useState("");
  const save = async (event, format) => {
    event.target.closest("details")?.removeAttribute("open");
    setSaid("");
    try {
      download(await api.exported(database, result.sql, format), `${database}.${format}`);
    } catch (problem) {
      setSaid(problem.message);
    }
  };
  useEffect(() => setView("table"), [result]);
  return html`<div class="result">
    <div class="tools">
      ${charts.length > 0 &&
      html`<div role="group" aria-label="Show as" class="switch">
        <button type="button" aria-pressed=${view === "table"} onClick=${() => setView("table")}><${Icon} name="table" /> Table</button>
        <button type="button" aria-pressed=${view === "chart"} onClick=${() => setView("chart")}><${Icon} name="chart-column" /> Chart</button>
      </div>`}
      <details class="dropdown export">
        <summary><${Icon} name="download" /> Export</summary>
        <ul>${FORMATS.map(([format, name]) => html`<li key=${format}>
          <button type="button" class="quiet" onClick=${(event) => save(event, format)}>${name}</button></li>`)}</ul>
      </details>
      <span class="muted" role="status">${said}</span>
    </div>
    ${view === "chart" && charts.length
      ? html`<${Chart} columns=${result.columns} rows=${result.rows} charts=${charts} />`
      : html`<${Rows} columns=${result.columns} rows=${result.rows} truncated=${result.truncated} name=${`Rows of answer ${number}`} />`}
  </div>`;
}

/** Give each query once, with the steps that had it and what the last one knew of it. */
function distinct(queries) {
  const last = new Map();
  for (const query of queries) {
    const before = last.get(query.sql);
    last.set(query.sql, { ...query, rows: query.rows ?? before?.rows ?? null, steps: [...(before?.steps ?? []), ...query.steps] });
  }
  return [...last.values()];
}

function Trace({ answer, number, steps }) {
  const queries = distinct((steps ?? []).flatMap((step) => (step.queries ?? []).map((query) => ({ ...query, steps: [step.step] }))));
  const { prompt_tokens: read, completion_tokens: written } = answer.usage;
  const cost = `How it was answered: ${plural(answer.trace.length, "step")}, ${seconds(answer.seconds)}, ${plural(read + written, "token")}`;
  return html`<details class="trace">
    <summary>${cost}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${`Steps of answer ${number}`}>
      <table>
        <thead><tr><th scope="col">Step</th><th scope="col" class="number">Seconds</th><th scope="col" class="number">Tokens in</th>
          <th scope="col" class="number">Tokens out</th><th scope="col">Wrote</th><th scope="col">Notes</th></tr></thead>
        <tbody>${answer.trace.map(
          (step, index) => html`<tr key=${index}><th scope="row">${shown(step.step)}</th><td class="number">${step.seconds.toFixed(3)}</td>
            <td class="number">${step.usage.prompt_tokens}</td><td class="number">${step.usage.completion_tokens}</td>
            <td>${shown(step.writes.join(", "))}</td><td>${shown(step.notes.join("; "))}</td></tr>`,
        )}</tbody>
      </table>
    </div>
    ${queries.map((query, index) => html`<div key=${index}>
      <p class="muted">${shown([...new Set(query.steps)].join(", "))}: ${query.failure ? shown(query.failure.message) : query.rows === null ? "not run" : plural(query.rows, "row")}</p>
      <${Sql} sql=${query.sql} name=${`Query ${index + 1} on the way to answer ${number}`} /></div>`)}
  </details>`;
}

function Approval({ turn, database, onDecide }) {
  const proposed = turn.answer.sql;
  const [sql, setSql] = useState(proposed);
  const ready = onDecide && sql.trim();
  const run = () => ready && onDecide({ decision: "run", ...(sql !== proposed ? { sql } : {}) });
  return html`<div class="approval">
    <p><strong>Run this query?</strong> Nothing of it has been run yet.</p>
    ${turn.findings?.length > 0 && html`<p>What speaks against it: ${shown(turn.findings.join("; "))}</p>`}
    <${Editor} label="Query that waits" sql=${sql} database=${database} onInput=${setSql} onRun=${run} />
    <div class="tools">
      <button type="button" class="small" disabled=${!ready} aria-busy=${Boolean(turn.running)} onClick=${run}>Run it</button>
      <button type="button" class="small secondary outline" disabled=${!onDecide} onClick=${() => onDecide({ decision: "refuse" })}>Refuse</button>
    </div>
  </div>`;
}
