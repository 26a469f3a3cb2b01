// What every part of the page is made of: Preact by tagged templates, and a few elements.
// Text only ever reaches the page as text nodes and attributes, never as HTML.

// The browser holds the libraries to that too: ECharts empties its element as HTML, and nothing else may be written so.
window.trustedTypes?.createPolicy("default", { createHTML: (text) => (text === "" ? text : null) });

const { h, render } = window.preact;
export const { useEffect, useMemo, useRef, useState } = window.preactHooks;
export const html = window.htm.bind(h);
export { render };

// What a text may hold that turns the text around it or is not seen (the same as in agentsql.safe).
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

export const shown = (text) => String(text).replace(ACTS, "\ufffd");

export const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

export const seconds = (value) => (value < 10 ? value.toFixed(1) : Math.round(value)) + " s";

export function Icon({ name }) {
  return html`<span class="icon icon-${name}" aria-hidden="true"></span>`;
}

export function IconButton({ icon, label, text, ...rest }) {
  return html`<button type="button" class="quiet" aria-label=${label} title=${label} ...${rest}>
    <${Icon} name=${icon} />${text ? html`<span>${text}</span>` : null}
  </button>`;
}

// A `ref` that gives an element the focus as it appears.
const seen = new WeakSet();
export function focused(element) {
  if (!element || seen.has(element)) return;
  seen.add(element);
  element.focus();
}

export function Problem({ children }) {
  return html`<p class="problem" role="alert">${children}</p>`;
}

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

export function toggleTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("agentsql-theme", theme);
  dispatchEvent(new Event("theme"));
}

export function restoreTheme() {
  const theme = localStorage.getItem("agentsql-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
