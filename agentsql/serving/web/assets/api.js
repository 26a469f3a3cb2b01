// The server's routes, called with the key of this tab.

const KEY = "agentsql-key";
const ASK_LATER = new Set(["queue_full", "too_many_waiting", "rate_limit_exceeded"]); // whose messages end in "ask again later"

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const hasKey = () => Boolean(sessionStorage.getItem(KEY));
export const setKey = (key) => (key ? sessionStorage.setItem(KEY, key) : sessionStorage.removeItem(KEY));

async function send(method, path, body, signal) {
  const headers = {};
  if (body) headers["Content-Type"] = "application/json";
  if (hasKey()) headers.Authorization = `Bearer ${sessionStorage.getItem(KEY)}`;
  let response;
  try {
    response = await fetch(`api/${path}`, { method, headers, body: body && JSON.stringify(body), signal });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new ApiError(0, "The server cannot be reached. See that it runs, then try again.");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  if (response.status === 401) dispatchEvent(new Event("key-needed"));
  const wait = ASK_LATER.has(said?.error?.code) ? ` (in about ${response.headers.get("Retry-After")} s)` : "";
  throw new ApiError(response.status, said?.error ? said.error.message + wait : `The server answered with status ${response.status}.`);
}

const query = (values) => new URLSearchParams(values).toString();
const json = async (response) => (await response).json();

export const databases = () => json(send("GET", "databases"));
export const schema = (database) => json(send("GET", `schema?${query({ database })}`));
export const examples = (database) => json(send("GET", `examples?${query({ database, limit: 4 })}`));
export const conversations = (database) => json(send("GET", `conversations?${query({ database, limit: 100 })}`));
export const conversation = (database, id) => json(send("GET", `conversations/${id}?${query({ database })}`));
export const waiting = (database, id) =>
  json(send("GET", `approvals/${id}?${query({ database })}`)).catch((error) => {
    if (error.status === 404) return null; // its decision was stopped on the way
    throw error;
  });
export const forget = (database, id) => send("DELETE", `conversations/${id}?${query({ database })}`);
export const runSql = (database, sql) => json(send("POST", "sql", { database, sql }));
export const feedback = (body) => json(send("POST", "feedback", body));
export const exported = async (database, sql, format) =>
  (await send("POST", "export", { database, sql, format })).blob();

export const ask = (body, signal) => events("ask/stream", body, signal);
export const decide = (body, signal) => events("approvals/stream", body, signal);

/** Yield [name, body] of each event of a question; aborting `signal` stops the question on the server too. */
async function* events(path, body, signal) {
  const response = await send("POST", path, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read().catch((problem) => {
      if (problem.name === "AbortError") throw problem;
      throw new ApiError(0, "The connection to the server broke off before the answer was there. See that the server runs, then ask again.");
    });
    if (done) return;
    held += value;
    const blocks = held.split(/\r?\n\r?\n/);
    held = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
  }
}

function parsed(block) {
  let name = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return data.length ? [name, JSON.parse(data.join("\n"))] : null;
}
