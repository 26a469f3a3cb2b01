"use strict";
// One question, opened. All text of databases and models reaches the page through textContent, so none is read as HTML.

const find = (selector) => document.querySelector(selector);
const data = JSON.parse(find("#data").textContent);
const parts = [...document.querySelectorAll("script.part")];
const unpacked = new Map();
const several = data.runs.length > 1;

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function mark(found, short) {
  if (!found) return make("span", { class: "mark none" }, "not asked");
  const word = make("span", { class: short ? "unseen" : null }, found.right ? "right" : found.category || "wrong");
  const title = short && !found.right ? found.category : null;
  return make("span", { class: "mark " + (found.right ? "yes" : "no"), title }, found.right ? "✓ " : "✗ ", word);
}

function unpack(part) {
  if (!unpacked.has(part)) {
    const bytes = Uint8Array.from(atob(parts[part].textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    unpacked.set(part, new Response(stream).json());
  }
  return unpacked.get(part);
}

function detail(one, found) {
  const features = one.features.length ? "Features of the gold: " + one.features.join(", ") : "";
  const facts = [features, one.evidence ? "Evidence: " + one.evidence : ""];
  const gold = make("div", { class: "answer" }, make("h3", {}, "Gold"),
    ...(one.golds.length ? one.golds.map((sql, place) => code(sql, found.marks[place])) : [note("No gold is known.")]),
    found.error ? make("p", { class: "error" }, "The gold fails: " + found.error) : null, ...result(found.result, "gold"));
  const answers = one.runs.map((each, place) => (each ? answer(each, found.runs[place], data.runs[place]) : null));
  return [
    ...facts.filter(Boolean).map((text) => make("p", { class: "facts" }, text)),
    make("div", { class: "answers" }, gold, ...answers.filter(Boolean)),
    ...one.runs.flatMap((each, place) => (each ? story(found.runs[place], several ? " of " + data.runs[place] : "") : [])),
  ];
}

function answer(each, found, name) {
  const won = found.path ? `won by ${found.path}` : "";
  const also = found.also.length ? "also: " + found.also.join(", ") : "";
  const why = each.right ? "" : [each.category, data.meanings[each.category]].filter(Boolean).join(": ");
  const lost = each.lost ? "lost at: " + each.lost : "";
  const metrics = Object.entries(found.metrics).map(([metric, value]) => `${metric.replaceAll("_", " ")} ${value}`);
  const here = found.only_here ? "Right on this database, but wrong on others of the test suite." : "";
  const said = found.text && found.status !== "answered" ? `${found.status}: ${found.text}` : found.text;
  const notes = [why, here, said, [lost, also, won].filter(Boolean).join("; "), metrics.join(", ")];
  return make("div", { class: "answer" }, make("h3", {}, several ? name : "Prediction", mark(each)),
    each.sql.trim() ? code(each.sql, found.marks) : note("No SQL."), ...result(found.result, several ? name : "prediction"),
    found.error ? make("p", { class: "error" }, found.error) : null,
    ...notes.filter(Boolean).map(note));
}

const note = (text) => make("p", { class: "note" }, text);

function code(sql, marks) {
  const letters = Array.from(sql); // lengths count code points, a string's own index does not
  const block = make("code", {});
  let at = 0;
  for (const piece of marks.split(" ")) {
    const end = at + Number(piece.slice(1));
    const text = letters.slice(at, end).join("");
    block.append(piece[0] === "-" ? text : make("span", { class: piece[0] }, text));
    at = end;
  }
  return make("pre", {}, block);
}

function result(found, of) {
  if (!found) return [];
  if (found.error) return [make("p", { class: "error" }, found.error)];
  const cut = found.rows.length < found.total || found.more;
  const size = `${found.more ? "more than " : ""}${found.total.toLocaleString("en")} ${found.total === 1 ? "row" : "rows"}` +
    (cut ? `, the first ${found.rows.length} shown` : "") + (found.hidden ? `; ${found.hidden} more columns` : "");
  const cell = (value) => (value === null ? make("td", { class: "null" }, "NULL") : make("td", {}, value));
  const table = make("table", { class: "result" },
    make("thead", {}, make("tr", {}, ...found.columns.map((column) => make("th", { scope: "col" }, column)))),
    make("tbody", {}, ...found.rows.map((values) => make("tr", {}, ...values.map(cell)))));
  return [make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Result of " + of }, table), note(size)];
}

function story(found, of) {
  const hashes = [...new Set(found.candidates.map((each) => each[5]).filter(Boolean))];
  return [
    folded(`Trace${of}: ${found.steps.length} steps`, "Notes",
      ["Step", "Seconds", "Calls", "Prompt tokens", "Completion tokens", "Notes"], found.steps.map(trace)),
    folded(`Candidates${of}: ${found.candidates.length}`, "SQL",
      ["Name", "SQL", "Failure", "Rows", "Result", "Log probability"],
      found.candidates.map((each) => candidate(each, found.path, hashes))),
    folded(`Examples${of}: ${found.examples.length}`, "SQL", ["Question", "SQL"], found.examples),
  ].filter(Boolean);
}

function folded(title, long, columns, rows) {
  if (!rows.length) return null;
  const wide = (place) => (columns[place] === long ? "long" : null);
  const table = make("table", { class: "steps" },
    make("thead", {}, make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column)))),
    make("tbody", {}, ...rows.map((cells) =>
      make("tr", {}, ...cells.map((cell, place) => make("td", { class: wide(place) }, cell ?? "-"))))));
  return make("details", {}, make("summary", {}, title),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table));
}

function trace([step, seconds, calls, prompt, completion, notes, tables, columns]) {
  const chosen = Object.entries({ tables, columns }).filter(([, names]) => names);
  const lines = [...notes, ...chosen.map(([what, names]) => `${what}: ${names.join(", ")}`)];
  const listed = make("div", {}, ...lines.map((text) => make("div", {}, text)));
  const counts = calls ? [calls, prompt, completion].map((count) => count.toLocaleString("en")) : ["", "", ""];
  return [step, seconds.toFixed(3), ...counts, listed];
}

// Candidates with the same rows have the same letter.
function candidate([name, sql, marks, failure, rows, hash, logprob], winner, hashes) {
  const place = hashes.indexOf(hash);
  const letter = place < 0 ? null : place < 26 ? String.fromCharCode(65 + place) : String(place + 1);
  const title = name === winner ? make("strong", {}, name, " ✓") : name;
  return [title, code(sql, marks), failure, rows?.toLocaleString("en"), letter, logprob?.toFixed(3)];
}
