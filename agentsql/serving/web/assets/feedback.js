// What a person says of an answer: a thumb, and of a bad one in what it is wrong, if they like.

import * as api from "./api.js";
import { focused, html, IconButton, shown, useRef, useState } from "./ui.js";

const LONGEST = 2000; // characters that the server takes

export function Thumbs({ question, sql, database }) {
  const [verdict, setVerdict] = useState("");
  const [said, setSaid] = useState("");
  const [asked, setAsked] = useState(false);
  const place = useRef(null);
  const give = async (wanted, comment = "") => {
    setSaid("One moment …");
    try {
      const { added } = await api.feedback({ question, sql, verdict: wanted, comment, database });
      setVerdict(wanted);
      setAsked(wanted === "bad" && !comment);
      setSaid(wanted === "bad" ? "Noted. Thank you." : added ? "Kept as an example for questions like this." : "Noted; it is an example already.");
      return true;
    } catch (problem) {
      setSaid(problem.message);
      return false;
    }
  };
  const close = () => {
    setAsked(false);
    place.current.querySelector("[aria-pressed=true]")?.focus();
  };
  const button = (name, label, icon) => html`<${IconButton} icon=${icon} label=${label} aria-pressed=${verdict === name} onClick=${() => give(name)} />`;
  return html`<div class="feedback" ref=${place}>
    <div class="tools">
      ${button("good", "Good answer", "thumbs-up")}${button("bad", "Bad answer", "thumbs-down")}
      <span class="muted" role="status">${shown(said)}</span>
    </div>
    ${asked && html`<${Comment} onSend=${async (comment) => (await give("bad", comment)) && close()} onClose=${close} />`}
  </div>`;
}

function Comment({ onSend, onClose }) {
  const [text, setText] = useState("");
  const send = (event) => {
    event.preventDefault();
    if (text.trim()) onSend(text.trim());
  };
  const pressed = (event) => event.key === "Escape" && onClose();
  return html`<form class="comment" onSubmit=${send} onKeyDown=${pressed}>
    <label>What is wrong with it? (optional)
      <input type="text" maxlength=${LONGEST} autocomplete="off" value=${text} ref=${focused} onInput=${(event) => setText(event.target.value)} /></label>
    <button type="submit" class="small" disabled=${!text.trim()}>Send</button>
    <button type="button" class="small secondary outline" onClick=${onClose}>Close</button>
  </form>`;
}
