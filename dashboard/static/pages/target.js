// One target: its variants, campaigns, what they have reached, and its findings.
//
// May import: dom, api, live, time, numbers, badges, table, finding_rows, charts/*.
import { h, section, setText } from "../dom.js";
import { get, post, targetPath } from "../api.js";
import { announce } from "../live.js";
import { absolute, duration, timeAgo } from "../time.js";
import { brief, bytes, count } from "../numbers.js";
import { verdictBadge } from "../badges.js";
import { table } from "../table.js";
import { findingTable } from "../finding_rows.js";
import { lineChart } from "../charts/charts.js";
import { rates } from "../charts/scale.js";

function weightForm(campaign) {
  const name = `${campaign.variant}, ${campaign.engine}, ${campaign.sanitizer}`;
  const said = h("span", { class: "said", role: "status" });
  const field = h("input", { type: "number", min: 0, max: 100, step: "any", value: campaign.weight, required: true,
    id: `weight-${campaign.id}`, "aria-label": `Weight of ${name}; 0 pauses it` });
  const save = async (event) => {
    event.preventDefault();
    try {
      await post(`/campaigns/${campaign.id}/weight`, { weight: Number(field.value) });
      setText(said, "saved");
      announce(`The weight of ${name} is ${field.value}.`);
    } catch (error) {
      setText(said, error.message);
    }
  };
  return h("form", { class: "weight", on: { submit: save } }, field, h("button", null, "Set"), said);
}

function stints(campaign) {
  const list = campaign.stints ?? [];
  if (list.length === 0) return h("span", { class: "dim" }, "none");
  const line = (stint) => h("li", null, absolute(stint.begin), stint.end
    ? ` for ${duration((stint.end - stint.begin) / 1000)}, ended: ${stint.end_reason || "unknown"}` : ", runs now",
  `, ${brief(stint.runs)} runs`);
  return h("details", null, h("summary", null, `last ${list.length}`), h("ol", { class: "stints" }, list.map(line)));
}

function campaignTable(campaigns) {
  return table("Campaigns", [
    { name: "Variant", wide: true, cell: (c) => c.variant },
    { name: "Engine", cell: (c) => c.engine },
    { name: "Sanitizer", cell: (c) => c.sanitizer },
    { name: "Weight", cell: weightForm },
    { name: "Runs", number: true, cell: (c) => brief(c.runs) },
    { name: "CPU time", number: true, cell: (c) => duration(c.cpu_seconds) },
    { name: "Features", number: true, cell: (c) => count(c.features) },
    { name: "Last run", number: true, cell: (c) => timeAgo(c.last_run) },
    { name: "Last new feature", number: true, cell: (c) => timeAgo(c.last_new_feature) },
    { name: "Restarts", number: true, cell: (c) => count(c.restarts) },
    { name: "Stints", cell: stints },
  ], campaigns, { empty: "No campaign of this target has been planned yet." });
}

function variantTable(variants) {
  return table("Variants", [
    { name: "Variant", wide: true, cell: (v) => h("span", { class: "mono" }, v.name) },
    { name: "Expected", cell: (v) => (v.expect === "ok" ? "ok" : verdictBadge(v.expect)) },
    { name: "What it is", cell: (v) => v.summary },
  ], variants);
}

function charts(target) {
  const features = target.features.map(([time, value]) => [time, value]);
  return h("div", { class: "two" },
    section("features", "Interleaving features",
      lineChart(features, `Interleaving features of ${target.name} over time`)),
    section("speed", "Runs a second", lineChart(rates(target.features), `Runs a second of ${target.name} over time`)));
}

export async function showTarget({ parameters: [name], signal }) {
  const target = await get(targetPath(name), {}, signal);
  const { corpus } = target;
  return {
    title: target.name,
    element: h("div", { class: "page" },
      h("h1", null, target.name),
      h("p", { class: "lead" }, target.summary),
      section("variants", "Variants", variantTable(target.variants)),
      charts(target),
      section("campaigns", "Campaigns", campaignTable(target.campaigns)),
      section("findings", "Findings", findingTable(`Findings of ${target.name}`,
        ["verdict", "title", "state", "decisions", "reproduced", "sightings", "last_seen"], target.findings,
        { empty: "Nothing has been found in this target yet." })),
      section("corpus", "Corpus", corpus ? h("p", null, h("a", { href: `/corpus?target=${encodeURIComponent(name)}` },
        `${count(corpus.entries)} entries`), `, ${bytes(corpus.bytes)}, newest `, timeAgo(corpus.newest)) : null)),
  };
}
