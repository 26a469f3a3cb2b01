"use strict";
// The table of questions: which are shown, in what order, and the address that says so.

const PAGE = 50;
const many = data.runs.length > 3; // then the table has room for a sign only, and an opened question for the reason
let state = {};
let shown = [];

// ---- which questions ------------------------------------------------------------------------------------------------

const run = () => Math.max(0, data.runs.indexOf(state.run ?? data.runs[several ? 1 : 0]));
const outcome = (question) => question.runs[run()];
const RESULTS = {
  right: (one) => outcome(one)?.right,
  wrong: (one) => outcome(one) && !outcome(one).right,
  "no SQL": (one) => outcome(one) && !outcome(one).sql.trim(),
};
if (several) {
  Object.assign(RESULTS, {
    gained: (one) => one.runs[0] && outcome(one) && !one.runs[0].right && outcome(one).right,
    lost: (one) => one.runs[0] && outcome(one) && one.runs[0].right && !outcome(one).right,
    "both right": (one) => one.runs[0]?.right && outcome(one)?.right,
    "both wrong": (one) => one.runs[0] && outcome(one) && !one.runs[0].right && !outcome(one).right,
  });
}
// In a filter of several runs a reason counts whichever run has it, as the tables above count them for each run.
const FILTERS = [
  { name: "result", label: "Result", test: (one, value) => Object.hasOwn(RESULTS, value) && RESULTS[value](one),
    options: () => Object.keys(RESULTS) },
  { name: "category", label: "Why it failed", values: (one) => one.runs.map((found) => found?.category) },
  { name: "lost", label: "Lost at", values: (one) => one.runs.map((found) => found?.lost) },
  { name: "hardness", label: "Hardness", values: (one) => [one.hardness] },
  { name: "feature", label: "SQL feature", values: (one) => one.features },
  { name: "database", label: "Database", values: (one) => [one.db] },
];
const COLUMNS = [
  { name: "question", label: "Question", value: (one) => one.text.toLowerCase() },
  { name: "database", label: "Database", value: (one) => one.db.toLowerCase() },
  { name: "hardness", label: "Hardness", value: (one) => HARDNESS.indexOf(one.hardness) },
  ...data.runs.map((name, place) => ({
    name: "result" + place, label: several ? name : "Result",
    value: (one) => (one.runs[place] ? (one.runs[place].right ? "" : one.runs[place].category || "wrong") : "~"),
  })),
  { name: "confidence", label: "Confidence", number: true, value: (one) => outcome(one)?.confidence ?? -1 },
  { name: "tokens", label: "Tokens", number: true, value: (one) => outcome(one)?.tokens ?? -1 },
  { name: "seconds", label: "Seconds", number: true, value: (one) => outcome(one)?.seconds ?? -1 },
];
const GRADES = ["easy", "simple", "medium", "moderate", "hard", "challenging", "extra"];
const HARDNESS = [...new Set([...GRADES, ...data.questions.map((one) => one.hardness)])];

data.questions.forEach((one, place) => { one.place = place; });

function searched(one) {
  const queries = one.runs.map((found) => found?.sql ?? "");
  return one.searched ??= [one.id, one.db, one.text, one.evidence, ...one.golds, ...queries].join("\n").toLowerCase();
}

function choose() {
  const words = (state.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const tests = FILTERS.filter((filter) => state[filter.name]).map((filter) => {
    const value = state[filter.name];
    return filter.test ? (one) => filter.test(one, value) : (one) => filter.values(one).includes(value);
  });
  shown = data.questions.filter(
    (one) => words.every((word) => searched(one).includes(word)) && tests.every((test) => test(one)),
  );
  const [name, direction] = (state.sort ?? "").split(" ");
  const column = COLUMNS.find((found) => found.name === name);
  if (column) {
    const sign = direction === "down" ? -1 : 1;
    const keyed = shown.map((one) => [column.value(one), one]);
    keyed.sort(([a, first], [b, second]) => (a < b ? -sign : a > b ? sign : first.place - second.place));
    shown = keyed.map(([, one]) => one);
  }
}

// ---- the address says what is shown, so that a view can be sent to someone ------------------------------------------

function read() {
  const [anchor, query] = location.hash.split("?", 2);
  if (anchor !== "#questions") return false;
  state = Object.fromEntries(new URLSearchParams(query ?? ""));
  return query !== undefined;
}

function write() {
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
  // Some browsers forbid it to pages from a file.
  try { history.replaceState(null, "", "#questions?" + query); } catch { /* the view is shown all the same */ }
}

function change(changes) {
  Object.assign(state, { page: "", open: "" }, changes);
  write();
  render();
}

// ---- the form -------------------------------------------------------------------------------------------------------

function build() {
  const form = find("#filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  let waiting;
  const search = make("input", { type: "search", name: "q", placeholder: "words in question, SQL or id",
    oninput: () => { clearTimeout(waiting); waiting = setTimeout(() => change({ q: search.value }), 150); } });
  form.append(make("label", { class: "wide" }, "Search", search));
  for (const filter of FILTERS) {
    const counts = new Map();
    if (!filter.options) {
      for (const one of data.questions)
        for (const value of new Set(filter.values(one))) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
      if (!counts.size) continue;
    }
    const graded = filter.name === "hardness" ? HARDNESS.filter((one) => counts.has(one)) : [...counts.keys()].sort();
    const options = (filter.options?.() ?? graded).map((value) =>
      make("option", { value }, counts.has(value) ? `${value} (${counts.get(value)})` : value));
    form.append(choice(filter.name, filter.label, [make("option", { value: "" }, "all"), ...options]));
  }
  if (several) form.append(choice("run", "Figures of", data.runs.map((name) => make("option", { value: name }, name))));
  form.append(make("button", { type: "button", onclick: () => { state = {}; change({}); } }, "Clear"));
}

function choice(name, label, options) {
  const onchange = (event) => change({ [name]: event.target.value });
  return make("label", {}, label, make("select", { name, onchange }, ...options));
}

function fill() {
  for (const control of find("#filters").elements) {
    if (!control.name) continue;
    const value = control.name === "run" ? data.runs[run()] : state[control.name] ?? "";
    if (control !== document.activeElement || control.type !== "search") control.value = value;
  }
}

// ---- the table ------------------------------------------------------------------------------------------------------

function render() {
  choose();
  fill();
  const total = data.questions.length.toLocaleString("en");
  const right = shown.filter((one) => outcome(one)?.right).length;
  const whose = several ? data.runs[run()] + " has " : "";
  const share = `; ${whose}${right.toLocaleString("en")} right (${((100 * right) / shown.length).toFixed(1)}%)`;
  const count = `${shown.length.toLocaleString("en")} of ${total} questions`;
  find("#count").textContent = shown.length ? count + share : count;
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  let page = Math.min(pages, Math.max(1, Number(state.page) || 1));
  const place = state.open ? shown.findIndex((one) => one.id === state.open) : -1;
  if (place >= 0) page = Math.floor(place / PAGE) + 1;
  const rows = shown.slice((page - 1) * PAGE, page * PAGE).map(row);
  const table = make("table", { role: "table", class: many ? "many" : null },
    make("caption", { class: "unseen" }, "Questions; the button of each opens its answers below it"),
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...COLUMNS.map(heading))),
    make("tbody", { role: "rowgroup" }, ...rows));
  find("#table").replaceChildren(table);
  turn(page, pages);
  if (place >= 0) table.querySelectorAll(".open")[place % PAGE]?.click();
}

function heading(column) {
  const [name, direction] = (state.sort ?? "").split(" ");
  const sorted = name === column.name ? (direction === "down" ? "descending" : "ascending") : null;
  const next = sorted === "ascending" ? " down" : sorted === "descending" ? null : " up";
  const arrow = { ascending: " ↑", descending: " ↓" }[sorted] ?? "";
  return make("th", { scope: "col", role: "columnheader", "aria-sort": sorted, class: column.number ? "right" : null },
    make("button", { type: "button", onclick: () => {
      change({ sort: next ? column.name + next : "" });
      find("#table thead").querySelectorAll("button")[COLUMNS.indexOf(column)].focus();
    } }, column.label + arrow));
}

function row(one) {
  const found = outcome(one);
  const name = "detail-" + one.place;
  const button = make("button", { type: "button", class: "open", "aria-expanded": "false", "aria-controls": name },
    make("span", {}, make("span", { class: "text" }, one.text || "(no question)"), make("span", { class: "id" }, one.id)));
  const number = (label, text) => make("td", { role: "cell", class: "right", "data-label": label }, text ?? "-");
  const cells = [
    make("td", { role: "cell" }, one.db),
    make("td", { role: "cell" }, one.hardness),
    ...one.runs.map((each, place) =>
      make("td", { role: "cell", "data-label": several ? data.runs[place] : null }, mark(each, many))),
    number("confidence", found?.confidence?.toFixed(2)),
    number("tokens", found?.tokens.toLocaleString("en")),
    number("seconds", found?.seconds.toFixed(2)),
  ];
  const line = make("tr", { role: "row" }, make("th", { scope: "row", role: "rowheader" }, button), ...cells);
  button.addEventListener("click", () => toggle(one, line, button, name));
  return line;
}

function turn(page, pages) {
  const go = (label, to) => {
    const onclick = () => {
      change({ page: String(to) });
      find("#questions").scrollIntoView();
    };
    const button = make("button", { type: "button", onclick }, label);
    button.disabled = to < 1 || to > pages;
    return button;
  };
  const controls = [go("Previous", page - 1), make("span", {}, `Page ${page} of ${pages}`), go("Next", page + 1)];
  find("#pages").replaceChildren(...(pages > 1 ? controls : []));
}

// ---- one question ---------------------------------------------------------------------------------------------------

async function toggle(one, line, button, name) {
  if (button.getAttribute("aria-expanded") === "true") {
    button.setAttribute("aria-expanded", "false");
    line.nextElementSibling.remove();
    state.open = "";
    return write();
  }
  button.setAttribute("aria-expanded", "true");
  const cell = make("td", { role: "cell", colspan: String(COLUMNS.length) }, "…");
  line.after(make("tr", { role: "row", class: "detail", id: name }, cell));
  state.open = one.id;
  write();
  try {
    cell.replaceChildren(...detail(one, (await unpack(Math.floor(one.place / data.part)))[one.place % data.part]));
  } catch (error) {
    const why = `The details cannot be unpacked (${error}); a browser of 2023 or later can.`;
    cell.replaceChildren(make("p", { class: "error" }, why));
  }
}

// ---- light and dark -------------------------------------------------------------------------------------------------

function theme() {
  const control = find("#theme");
  try { control.value = localStorage.getItem("agentsql-theme") ?? ""; } catch { /* pages from a file may not keep it */ }
  const apply = () => { document.documentElement.dataset.theme = control.value; };
  control.addEventListener("change", () => {
    apply();
    try { localStorage.setItem("agentsql-theme", control.value); } catch { /* as above */ }
  });
  apply();
}

theme();
build();
read();
render();
addEventListener("hashchange", () => {
  if (!read()) return;
  render();
  find("#questions").scrollIntoView();
});
if (location.hash.startsWith("#questions?")) find("#questions").scrollIntoView();
