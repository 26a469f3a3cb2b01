// What the page takes of CodeMirror; build.sh makes one file of it.

export { acceptCompletion, autocompletion } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { MSSQL, MySQL, PostgreSQL, SQLite, StandardSQL, sql } from "@codemirror/lang-sql";
export { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
export { Compartment, EditorState, Prec } from "@codemirror/state";
export { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";
export { tags } from "@lezer/highlight";
