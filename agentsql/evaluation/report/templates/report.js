"use strict";
// All text of databases and models reaches the page through textContent, so none of it is ever read as HTML.
(() => {
  const PAGE = 50;
  const find = (selector) => document.querySelector(selector);
  const data = JSON.parse(find("#data").textContent);
  const parts = [...document.querySelectorAll("script.part")];
  const several = data.runs.length > 1;
  const many = data.runs.length > 3; // then the table has room for a sign only, and an opened question for the reason
  const unpacked = new Map();
  let state = {};
  let shown = [];

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  // ---- which questions --------------------------------------------------------------------------------------------

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
    { name: "result", label: "Result", test: (one, value) => RESULTS[value]?.(one), options: () => Object.keys(RESULTS) },
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

  data.questions.forEach((one, place) => {
    one.place = place;
  });

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

  // ---- the address says what is shown, so that a view can be sent to someone ---------------------------------------------

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

  // ---- the form -----------------------------------------------------------------------------------------------------------

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
      const values = filter.options?.() ?? (filter.name === "hardness" ? HARDNESS.filter((one) => counts.has(one)) : [...counts.keys()].sort());
      const options = values.map((value) => make("option", { value }, counts.has(value) ? `${value} (${counts.get(value)})` : value));
      form.append(make("label", {}, filter.label, make("select",
        { name: filter.name, onchange: (event) => change({ [filter.name]: event.target.value }) },
        make("option", { value: "" }, "all"), ...options)));
    }
    if (several) {
      form.append(make("label", {}, "Figures of", make("select", { name: "run", onchange: (event) => change({ run: event.target.value }) },
        ...data.runs.map((name) => make("option", { value: name }, name)))));
    }
    form.append(make("button", { type: "button", onclick: () => { state = {}; change({}); } }, "Clear"));
  }

  function fill() {
    for (const control of find("#filters").elements) {
      if (!control.name) continue;
      const value = control.name === "run" ? data.runs[run()] : state[control.name] ?? "";
      if (control !== document.activeElement || control.type !== "search") control.value = value;
    }
  }

  // ---- the table ----------------------------------------------------------------------------------------------------------

  function render() {
    choose();
    fill();
    const total = data.questions.length.toLocaleString("en");
    const right = shown.filter((one) => outcome(one)?.right).length;
    const share = shown.length ? `; ${several ? data.runs[run()] + " has " : ""}${right.toLocaleString("en")} right (${(100 * right / shown.length).toFixed(1)}%)` : "";
    find("#count").textContent = `${shown.length.toLocaleString("en")} of ${total} questions${share}`;
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
    const cells = [
      make("td", { role: "cell" }, one.db),
      make("td", { role: "cell" }, one.hardness),
      ...one.runs.map((each, place) => make("td", { role: "cell", "data-label": several ? data.runs[place] : null }, mark(each, many))),
      make("td", { role: "cell", class: "right", "data-label": "confidence" }, found?.confidence?.toFixed(2) ?? "-"),
      make("td", { role: "cell", class: "right", "data-label": "tokens" }, found ? found.tokens.toLocaleString("en") : "-"),
      make("td", { role: "cell", class: "right", "data-label": "seconds" }, found ? found.seconds.toFixed(2) : "-"),
    ];
    const line = make("tr", { role: "row" }, make("th", { scope: "row", role: "rowheader" }, button), ...cells);
    button.addEventListener("click", () => toggle(one, line, button, name));
    return line;
  }

  function mark(found, short) {
    if (!found) return make("span", { class: "mark none" }, "not asked");
    const word = make("span", { class: short ? "unseen" : null }, found.right ? "right" : found.category || "wrong");
    const title = short && !found.right ? found.category : null;
    return make("span", { class: "mark " + (found.right ? "yes" : "no"), title }, found.right ? "✓ " : "✗ ", word);
  }

  function turn(page, pages) {
    const go = (label, to) => {
      const button = make("button", { type: "button", onclick: () => { change({ page: String(to) }); find("#questions").scrollIntoView(); } }, label);
      button.disabled = to < 1 || to > pages;
      return button;
    };
    find("#pages").replaceChildren(...(pages > 1 ? [go("Previous", page - 1), make("span", {}, `Page ${page} of ${pages}`), go("Next", page + 1)] : []));
  }

  // ---- one question ---------------------------------------------------------------------------------------------------------

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
      cell.replaceChildren(make("p", { class: "error" }, `The details cannot be unpacked (${error}); a browser of 2023 or later can.`));
    }
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
    const facts = [one.features.length ? "Features of the gold: " + one.features.join(", ") : "", one.evidence ? "Evidence: " + one.evidence : ""];
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
    const metrics = Object.entries(found.metrics).map(([metric, value]) => `${metric.replaceAll("_", " ")} ${value}`).join(", ");
    return make("div", { class: "answer" }, make("h3", {}, several ? name : "Prediction", mark(each)),
      each.sql.trim() ? code(each.sql, found.marks) : note("No SQL."), ...result(found.result, several ? name : "prediction"),
      found.error ? make("p", { class: "error" }, found.error) : null,
      ...[why, found.only_here ? "Right on this database, but wrong on others of the test suite." : "", found.text && found.status !== "answered" ? `${found.status}: ${found.text}` : found.text, [lost, also, won].filter(Boolean).join("; "), metrics].filter(Boolean).map(note));
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
    const cells = (values) => values.map((value) => (value === null ? make("td", { class: "null" }, "NULL") : make("td", {}, value)));
    const table = make("table", { class: "result" },
      make("thead", {}, make("tr", {}, ...found.columns.map((column) => make("th", { scope: "col" }, column)))),
      make("tbody", {}, ...found.rows.map((values) => make("tr", {}, ...cells(values)))));
    return [make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Result of " + of }, table), note(size)];
  }

  function story(found, of) {
    const hashes = [...new Set(found.candidates.map((each) => each[5]).filter(Boolean))];
    return [
      folded(`Trace${of}: ${found.steps.length} steps`, "Notes",
        ["Step", "Seconds", "Calls", "Prompt tokens", "Completion tokens", "Notes"], found.steps.map(trace)),
      folded(`Candidates${of}: ${found.candidates.length}`, "SQL", ["Name", "SQL", "Failure", "Rows", "Result", "Log probability"],
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
    const all = [...notes, ...(tables ? ["tables: " + tables.join(", ")] : []), ...(columns ? ["columns: " + columns.join(", ")] : [])];
    const listed = make("div", {}, ...all.map((text) => make("div", {}, text)));
    const counts = calls ? [calls, prompt, completion].map((count) => count.toLocaleString("en")) : ["", "", ""];
    return [step, seconds.toFixed(3), ...counts, listed];
  }

  // Candidates with the same rows have the same letter.
  function candidate([name, sql, marks, failure, rows, hash, logprob], winner, hashes) {
    const place = hashes.indexOf(hash);
    const letter = place < 0 ? null : place < 26 ? String.fromCharCode(65 + place) : String(place + 1);
    const title = name === winner ? make("strong", {}, name, " ✓") : name;
    return [title, code(sql, marks), failure, rows === null ? null : String(rows), letter, logprob === null ? null : String(logprob)];
  }

  // ---- light and dark -------------------------------------------------------------------------------------------------------

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
})();
