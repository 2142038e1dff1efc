// What the campaigns keep to start from: one corpus a target, and with ?target= its newest entries.
//
// May import: dom, api, time, numbers, badges, table.
import { h, section } from "../dom.js";
import { get } from "../api.js";
import { timeAgo } from "../time.js";
import { bytes, count } from "../numbers.js";
import { targetLink } from "../badges.js";
import { table } from "../table.js";

const kEntries = 200;

function corpusTable(corpora, chosen) {
  return table("Corpora", [
    { name: "Corpus", wide: true, cell: (c) => h("a", { href: `/corpus?target=${encodeURIComponent(c.target)}`,
      "aria-current": c.target === chosen ? "true" : null }, c.target) },
    { name: "Entries", number: true, cell: (c) => count(c.entries) },
    { name: "Size", number: true, cell: (c) => bytes(c.bytes) },
    { name: "Newest", number: true, cell: (c) => timeAgo(c.newest) },
  ], corpora, { empty: "No campaign has kept anything yet." });
}

async function entries(target, signal) {
  const corpus = await get(`/corpus/${encodeURIComponent(target)}`, { limit: kEntries }, signal);
  return section("entries", ["Entries of ", targetLink(target)],
    table(`Entries of ${target}`, [
      { name: "Name", wide: true, cell: (e) => h("span", { class: "mono" }, e.name) },
      { name: "Size", number: true, cell: (e) => bytes(e.bytes) },
      { name: "Kept by", cell: (e) => e.origin },
      { name: "Added", number: true, cell: (e) => timeAgo(e.added) },
    ], corpus.entries, { empty: "This corpus is empty." }),
    corpus.entries.length === kEntries ? h("p", { class: "dim" }, `Only ${kEntries} are listed.`) : null);
}

export async function showCorpus({ query, signal }) {
  const chosen = query.get("target");
  const [all, chosenEntries] = await Promise.all([get("/corpus", {}, signal), chosen ? entries(chosen, signal) : null]);
  return {
    title: chosen ? `Corpus of ${chosen}` : "Corpus",
    element: h("div", { class: "page" }, h("h1", null, "Corpus"),
      h("p", { class: "lead" }, "Inputs whose runs reached interleavings that no other kept input reaches. ",
        "Each campaign of a target begins with them."),
      corpusTable(all.corpora, chosen), chosenEntries),
  };
}
