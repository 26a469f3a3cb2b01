// SQL that is edited: CodeMirror, loaded with the first of them, with the names of the schema to complete.

import * as api from "./api.js";
import { html, useEffect, useRef, useState } from "./ui.js";

const library = () => import("./vendor/codemirror/codemirror.js");
const DIALECTS = { sqlite: "SQLite", postgresql: "PostgreSQL", duckdb: "PostgreSQL", mysql: "MySQL", mariadb: "MySQL", mssql: "MSSQL" };
const TURNS_AROUND = /[\u061c\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu; // shown as a mark: what is run is what is seen

/** Give an editor; a plain field where the library does not load. Ctrl+Enter calls `onRun`, Escape `onCancel`. */
export function Editor({ sql, label, database, focus, ...calls }) {
  const place = useRef(null);
  const now = useRef(calls);
  const [plain, setPlain] = useState(false);
  now.current = calls;
  useEffect(() => {
    let view = null;
    let gone = false;
    library().then(
      (made) => {
        if (gone) return;
        view = opened(made, place.current, { sql, label, database, calls: now });
        if (focus) view.focus();
      },
      () => setPlain(true),
    );
    return () => {
      gone = true;
      view?.destroy();
    };
  }, []);
  if (plain) {
    return html`<textarea class="editor" aria-label=${label} spellcheck="false" rows="6" value=${sql} onInput=${(event) => calls.onInput(event.target.value)}></textarea>`;
  }
  return html`<div class="editor" ref=${place}></div>`;
}

function opened(made, place, { sql, label, database, calls }) {
  const { EditorState, EditorView, keymap } = made;
  const language = new made.Compartment();
  const call = (name) => () => {
    calls.current[name]?.();
    return Boolean(calls.current[name]);
  };
  const extensions = [
    made.Prec.highest(keymap.of([{ key: "Mod-Enter", run: call("onRun") }])),
    made.history(),
    made.highlightSpecialChars({ addSpecialChars: TURNS_AROUND }),
    made.bracketMatching(),
    made.autocompletion({ icons: false, maxRenderedOptions: 10 }), // without a scroll bar, which no key would reach
    made.syntaxHighlighting(colours(made)),
    language.of(made.sql()),
    keymap.of([{ key: "Tab", run: made.acceptCompletion }, ...made.historyKeymap, ...made.defaultKeymap, { key: "Escape", run: call("onCancel") }]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    EditorView.domEventHandlers({ beforeinput: typedOver }),
    EditorView.updateListener.of((update) => update.docChanged && calls.current.onInput(update.state.doc.toString())),
    look(EditorView),
  ];
  // In a shadow root its rules are a constructed style sheet, which the Content-Security-Policy allows.
  const root = place.attachShadow({ mode: "open" });
  const view = new EditorView({ state: EditorState.create({ doc: sql, extensions }), parent: root, root });
  api.schema(database).then(
    (schema) => view.dispatch({ effects: language.reconfigure(made.sql({ dialect: made[DIALECTS[schema.dialect] ?? "StandardSQL"], schema: names(schema) })) }),
    () => {}, // without the names there is nothing to complete but keywords
  );
  return view;
}

/** Put what is typed in the place of what is marked; Chromium would write its colours beside it, which no style may be. */
function typedOver(event, view) {
  if (event.inputType !== "insertText" || view.composing || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}

/** Give the columns of each table, in the form of CodeMirror's SQL; a period in a name is no separator. */
function names(schema) {
  const plain = (name) => name.replaceAll("\\", "\\\\").replaceAll(".", "\\.");
  return Object.fromEntries(
    schema.tables.map((table) => [
      [table.namespace, table.name].filter(Boolean).map(plain).join("."),
      table.columns.map((column) => column.name),
    ]),
  );
}

const colours = ({ HighlightStyle, tags }) =>
  HighlightStyle.define([
    { tag: [tags.keyword, tags.typeName, tags.standard(tags.name)], color: "var(--hl-keyword)" },
    { tag: tags.string, color: "var(--hl-string)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--hl-number)" },
    { tag: tags.comment, color: "var(--hl-comment)", fontStyle: "italic" },
  ]);

const look = (EditorView) =>
  EditorView.theme({
    "&": { color: "var(--pico-color)", maxHeight: "24rem", minHeight: "5rem", borderRadius: "inherit" },
    "&.cm-focused": { outline: "2px solid var(--pico-primary)" },
    ".cm-scroller": { fontFamily: "var(--pico-font-family-monospace)", lineHeight: "1.5", minHeight: "5rem" },
    ".cm-content": { padding: "0.6rem 0", caretColor: "var(--pico-color)" },
    ".cm-line": { padding: "0 0.8rem" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--quiet)" },
    ".cm-tooltip": { color: "var(--pico-color)", backgroundColor: "var(--pico-card-background-color)", border: "1px solid var(--pico-muted-border-color)" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { maxHeight: "none", fontFamily: "var(--pico-font-family-monospace)" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.5rem" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { color: "var(--pico-primary-inverse)", backgroundColor: "var(--pico-primary-background)" },
    ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
    ".cm-specialChar": { color: "light-dark(#b3261e, #ff8a80)" },
  });
