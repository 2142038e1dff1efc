// The HTTP API, as calls. Errors carry what the server says, for a person to read.
//
// May import: dom (for the question after the token).
import { h } from "./dom.js";

const kBase = "/api/v1";
const kTokenKey = "gridlock-token";

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function answerOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    throw new ApiError(response.status, "not-json",
      `The server answered ${response.status} with something else than JSON.`);
  }
  if (!response.ok) {
    throw new ApiError(response.status, body?.error?.code ?? "error",
      body?.error?.message ?? `Status ${response.status}.`);
  }
  return body;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(kBase + path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server does not answer. Is `gridlock serve` running?");
  }
  return answerOf(response);
}

// `parameters`: left out where empty.
export function get(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== "" && value !== null && value !== undefined) query.set(name, value);
  }
  const text = query.toString();
  return call(text ? `${path}?${text}` : path, { signal });
}

function writeHeaders() {
  const headers = { "Content-Type": "application/json", "X-Gridlock": "1" };
  const token = sessionStorage.getItem(kTokenKey);
  if (token) headers.Authorization = `Bearer ${token}`;
  return headers;
}

// A server that listens beyond loopback wants a token for writing. It is kept until the tab is closed.
function askForToken() {
  return new Promise((resolve) => {
    const field = h("input", { type: "password", id: "token-field", autocomplete: "off", required: true });
    const dialog = h("dialog", { "aria-labelledby": "token-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "token-title" }, "This server asks for a token"),
        h("p", null, h("label", { for: "token-field" }, "The token it was started with"), field),
        h("p", { class: "buttons" }, h("button", { value: "ok" }, "Use it"),
          h("button", { value: "cancel", formnovalidate: true }, "Cancel"))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "ok" ? field.value : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export async function post(path, body) {
  const send = () => call(path, { method: "POST", headers: writeHeaders(), body: JSON.stringify(body) });
  try {
    return await send();
  } catch (error) {
    if (error.status !== 401) throw error;
    const token = await askForToken();
    if (token === null) throw error;
    sessionStorage.setItem(kTokenKey, token);
    return send();
  }
}

export const findingPath = (key) => `/findings/${encodeURIComponent(key)}`;
export const targetPath = (name) => `/targets/${encodeURIComponent(name)}`;
