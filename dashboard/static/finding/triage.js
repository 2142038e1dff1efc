// What people say of a finding: its state, and notes.
//
// May import: dom, api, badges, live, time.
import { h, replaceContent, setText } from "../dom.js";
import { findingPath, post } from "../api.js";
import { kStates, stateWords } from "../badges.js";
import { announce } from "../live.js";
import { absolute, timeAgo } from "../time.js";

const kAuthorKey = "gridlock-author";
const kNoteMax = 16 * 1024;

const author = () => localStorage.getItem(kAuthorKey) ?? "";

function authorField() {
  const field = h("input", { type: "text", id: "author", value: author(), maxlength: 100, autocomplete: "name",
    placeholder: "optional" });
  field.addEventListener("change", () => localStorage.setItem(kAuthorKey, field.value.trim()));
  return field;
}

function sayFault(place, error) {
  setText(place, error.message);
  place.classList.add("bad");
}

function sayDone(place, text) {
  setText(place, text);
  place.classList.remove("bad");
  announce(text);
}

// `onState`: told of the row that the server answers with.
export function stateForm(finding, onState) {
  const said = h("span", { class: "said", id: "state-said", role: "status" });
  const select = h("select", { id: "state" },
    kStates.map((state) => h("option", { value: state, selected: state === finding.state }, stateWords(state))));
  const duplicate = h("input", { type: "text", id: "duplicate-of", value: finding.duplicate_of ?? "", size: 18,
    pattern: "[0-9a-f]{16}", placeholder: "key of the other one" });
  const duplicateLabel = h("label", { hidden: finding.state !== "duplicate" }, "of", duplicate);
  const save = h("button", { id: "save-state" }, "Set");
  select.addEventListener("change", () => {
    duplicateLabel.hidden = select.value !== "duplicate";
    duplicate.required = select.value === "duplicate";
  });
  const submit = async (event) => {
    event.preventDefault();
    const body = { state: select.value };
    if (author()) body.author = author();
    if (select.value === "duplicate") body.duplicate_of = duplicate.value.trim();
    try {
      onState(await post(`${findingPath(finding.key)}/state`, body));
      sayDone(said, `The state is ${stateWords(select.value)}.`);
    } catch (error) {
      sayFault(said, error);
    }
  };
  const form = h("form", { class: "state-form", on: { submit } }, h("label", null, "State", select), duplicateLabel,
    save, said);
  // Somebody else may change it while the page is open.
  form.show = (state) => {
    if (document.activeElement !== select) select.value = state;
  };
  return form;
}

function noteItem(note) {
  return h("li", null, h("p", { class: "note-head" }, h("b", null, note.author || "somebody"), " ",
    h("span", { class: "dim", title: absolute(note.time) },
      timeAgo(note.time))), h("p", { class: "note-text" }, note.text));
}

export function notes(finding) {
  const list = h("ol", { class: "notes", id: "notes" });
  const all = [...finding.notes];
  const draw = () => replaceContent(list, all.length > 0 ? all.map(noteItem)
    : h("li", { class: "dim" }, "No notes yet."));
  draw();
  const text = h("textarea", { id: "note", rows: 2, maxlength: kNoteMax, required: true });
  const said = h("span", { class: "said", id: "note-said", role: "status" });
  const submit = async (event) => {
    event.preventDefault();
    const body = { text: text.value };
    if (author()) body.author = author();
    try {
      all.push(await post(`${findingPath(finding.key)}/notes`, body));
      draw();
      text.value = "";
      sayDone(said, "The note is kept.");
    } catch (error) {
      sayFault(said, error);
    }
  };
  return [list, h("form", { class: "note-form", on: { submit } },
    h("label", { class: "grow" }, h("span", null, "Add a note"), text),
    h("label", null, h("span", null, "Your name"), authorField()), h("button", { id: "save-note" }, "Add"), said)];
}
