// The page as a whole: who asks which database, the conversation, and the questions under way.

import * as api from "./api.js";
import { Turn } from "./answer.js";
import { History, Schema } from "./side.js";
import {
  html, Icon, IconButton, Problem, render, restoreTheme, shown, toggleTheme, useEffect, useRef, useState,
} from "./ui.js";

const newId = () => `web-${Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;

function App() {
  const [known, setKnown] = useState(null);
  const [database, setDatabase] = useState("");
  const [keyAsked, setKeyAsked] = useState(false);
  const [problem, setProblem] = useState("");
  const [entered, setEntered] = useState(0);
  const load = () =>
    api.databases().then(
      (body) => {
        setKeyAsked(false);
        setProblem(body.databases.length ? "" : "This key may ask no database.");
        setKnown(body.databases);
        setDatabase((now) => (body.databases.some((one) => one.name === now) ? now : body.databases[0]?.name || ""));
        setEntered((number) => number + 1);
      },
      (error) => {
        if (error.status !== 401) setProblem(error.message);
        return error;
      },
    );
  useEffect(() => {
    const asked = () => setKeyAsked(true);
    addEventListener("key-needed", asked);
    load();
    return () => removeEventListener("key-needed", asked);
  }, []);
  const chat = database && html`<${Chat} key=${database} database=${database} databases=${known} entered=${entered} onDatabase=${setDatabase} />`;
  // Over the conversation, which goes on with the key: what was asked and typed is not lost.
  if (keyAsked) return html`${chat || html`<main></main>`}<${KeyForm} onKey=${load} />`;
  if (problem) return html`<main class="alone"><h1>agentsql</h1><${Problem}>${shown(problem)}<//><button onClick=${load}>Try again</button></main>`;
  return chat || html`<main class="alone"><p aria-busy="true">Loading</p></main>`;
}

const modal = (dialog) => dialog && !dialog.open && dialog.showModal();
const UNKNOWN = "The key is not known to this server.";

function KeyForm({ onKey }) {
  const [key, setKey] = useState("");
  const [said, setSaid] = useState(api.hasKey() ? UNKNOWN : "");
  const enter = async (event) => {
    event.preventDefault();
    api.setKey(key.trim());
    setSaid("");
    const problem = await onKey();
    if (problem) setSaid(problem.status === 401 ? UNKNOWN : problem.message);
  };
  return html`<dialog ref=${modal} aria-labelledby="key-title" onCancel=${(event) => event.preventDefault()}>
    <article>
      <h1 id="key-title">agentsql</h1>
      <form onSubmit=${enter}>
        <label>Key<input type="password" autocomplete="off" required value=${key} onInput=${(event) => setKey(event.target.value)} /></label>
        <small>This server wants a key. It is kept until this tab is closed.</small>
        ${said && html`<${Problem}>${shown(said)}<//>`}
        <button type="submit">Go on</button>
      </form>
    </article>
  </dialog>`;
}

function Chat({ database, databases, entered, onDatabase }) {
  const [conversation, setConversation] = useState(newId);
  const [turns, setTurns] = useState([]);
  const [changed, setChanged] = useState(0);
  const [menu, setMenu] = useState(false);
  const [said, setSaid] = useState("");
  const stop = useRef(null);
  const running = useRef(null);
  const list = useRef(null);
  const busy = turns.some((turn) => turn.running);
  const change = (id, update) => setTurns((now) => now.map((turn) => (turn.id === id ? { ...turn, ...update(turn) } : turn)));
  useEffect(() => list.current?.querySelector(".turn:last-of-type")?.scrollIntoView({ block: "start" }), [turns.length, busy]);
  useEffect(() => () => running.current?.abort(), []);

  /** Let the events that `stream(signal)` yields tell of a turn until its answer, or what hinders it, is there. */
  const follow = async (id, stream) => {
    const abort = new AbortController();
    running.current = abort;
    let answered = false;
    try {
      for await (const [name, body] of stream(abort.signal)) {
        change(id, (turn) => after(turn, name, body));
        if (name === "answered") setSaid(body.text || `The answer has ${body.rows.length} rows.`);
        answered ||= name === "answered" || name === "error";
      }
      if (!answered) change(id, () => ({ problem: "The server ended without an answer. See that it runs, then ask again." }));
    } catch (error) {
      change(id, () => ({ problem: error.name === "AbortError" ? "Stopped." : error.message }));
    } finally {
      change(id, () => ({ running: false, tokens: "" }));
      setChanged((number) => number + 1);
    }
  };
  const ask = (question, approve) => {
    const id = newId();
    setTurns((now) => [...now, { id, question, approve, steps: [], tokens: "", running: true, version: 0 }]);
    setSaid("The question is being answered.");
    return follow(id, (signal) => api.ask({ question, database, conversation, approve }, signal));
  };
  const decide = (turn, decided) => {
    change(turn.id, () => ({ running: true, problem: "" }));
    setSaid(decided.decision === "run" ? "The query is being run." : "The query is refused.");
    return follow(turn.id, (signal) => api.decide({ conversation, database, ...decided }, signal));
  };
  const again = (turn) => {
    setTurns((now) => now.filter((one) => one.id !== turn.id));
    ask(turn.question, turn.approve);
  };
  stop.current = () => running.current?.abort();
  const fresh = () => {
    stop.current();
    setConversation(newId());
    setTurns([]);
    setMenu(false);
    document.getElementById("question")?.focus();
  };
  const open = async (id) => {
    stop.current();
    setMenu(false);
    setConversation(id);
    try {
      const { turns: kept } = await api.conversation(database, id);
      const waits = kept.at(-1)?.status === "waiting" && (await api.waiting(database, id));
      const again = kept.map((turn) => ({ id: newId(), question: turn.question, steps: [], tokens: "", version: 0, answer: { ...turn, rows: null, error: null } }));
      setTurns(again.map((turn, index) => (index < again.length - 1 ? turn : { ...turn, settled: !waits, findings: waits?.findings })));
    } catch (error) {
      setTurns([{ id: newId(), question: "", steps: [], problem: error.message }]);
    }
  };
  return html`<div class="page">
    <a class="skip" href="#question">To the question</a>
    <header class="top">
      <button type="button" class="quiet only-narrow" aria-label="History and schema" aria-expanded=${menu} aria-controls="side" onClick=${() => setMenu(!menu)}><${Icon} name=${menu ? "x" : "menu"} /></button>
      <h1>agentsql</h1>
      ${databases.length > 1
        ? html`<select aria-label="Database" value=${database} onChange=${(event) => onDatabase(event.target.value)}>
            ${databases.map((one) => html`<option value=${one.name}>${one.name}</option>`)}</select>`
        : html`<span class="muted">${database}</span>`}
      <span class="space"></span>
      <${IconButton} icon="plus" label="New conversation" text="New" onClick=${fresh} />
      <${IconButton} icon="sun-moon" label="Switch between light and dark" onClick=${toggleTheme} />
    </header>
    <aside id="side" class=${menu ? "open" : ""} aria-label="History and schema">
      <${History} database=${database} current=${conversation} changed=${`${changed}/${entered}`} onOpen=${open} onDeleted=${(id) => id === conversation && fresh()} />
      <${Schema} database=${database} entered=${entered} />
    </aside>
    <main>
      <div class="turns" ref=${list}>
        ${turns.length === 0 && html`<${Welcome} database=${database} onAsk=${(question) => ask(question, false)} />`}
        ${turns.map((turn, index) => html`<${Turn} key=${turn.id} turn=${turn} number=${index + 1} last=${index === turns.length - 1} database=${database}
          onDecide=${!busy && ((decided) => decide(turn, decided))}
          onAgain=${turn.problem && turn.question && !busy && (() => again(turn))} />`)}
      </div>
      <p class="visually-hidden" role="status">${shown(said)}</p>
      <${Composer} busy=${busy} followUp=${turns.length > 0} onAsk=${ask} onStop=${() => stop.current()} />
    </main>
  </div>`;
}

/** Give what changes of a turn by an event of the stream. */
function after(turn, name, body) {
  switch (name) {
    case "step_started":
      return { steps: [...turn.steps, { step: body.step, state: "running" }], tokens: "" };
    case "token":
      return { tokens: turn.tokens + body.text };
    case "step_finished":
    case "step_failed": {
      const steps = [...turn.steps];
      const at = steps.findLastIndex((step) => step.step === body.step && step.state === "running");
      steps[at < 0 ? steps.length : at] = { ...body, state: name === "step_failed" ? "failed" : "done" };
      return { steps, tokens: "" };
    }
    case "approval_needed":
      return { findings: body.findings };
    case "answered":
      return { answer: body, version: turn.version + 1 };
    case "error":
      return { problem: body.error.message };
    default:
      return {};
  }
}

function Welcome({ database, onAsk }) {
  const [examples, setExamples] = useState([]);
  useEffect(() => {
    api.examples(database).then((body) => setExamples(body.examples), () => setExamples([]));
  }, [database]);
  return html`<div class="welcome">
    <h2>Ask ${database}</h2>
    <p class="muted">Write a question in your own words. You get the SQL, the rows and a sentence; queries can only read.</p>
    ${examples.length > 0 && html`<ul>${examples.map((one) => html`<li key=${one.id}><button type="button" class="secondary outline small" onClick=${() => onAsk(one.question)}>${shown(one.question)}</button></li>`)}</ul>`}
  </div>`;
}

function Composer({ busy, followUp, onAsk, onStop }) {
  const [text, setText] = useState("");
  const [approve, setApprove] = useState(false);
  const send = (event) => {
    event.preventDefault();
    if (busy || !text.trim()) return;
    onAsk(text.trim(), approve);
    setText("");
  };
  const pressed = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return html`<form class="composer" onSubmit=${send}>
    <div class="box">
      <textarea id="question" aria-label="Question" rows=${Math.min(6, text.split("\n").length)} maxlength="10000" autofocus
        placeholder=${followUp ? "Ask a follow-up" : "Ask a question"} value=${text}
        onInput=${(event) => setText(event.target.value)} onKeyDown=${pressed}></textarea>
      ${busy
        ? html`<button type="button" aria-label="Stop" title="Stop" onClick=${onStop}><${Icon} name="square" /></button>`
        : html`<button type="submit" aria-label="Ask" title="Ask" disabled=${!text.trim()}><${Icon} name="arrow-up" /></button>`}
    </div>
    <label class="approve"><input type="checkbox" role="switch" checked=${approve} onChange=${(event) => setApprove(event.target.checked)} />Ask me before a query runs</label>
  </form>`;
}

restoreTheme();
render(html`<${App} />`, document.getElementById("app"));
