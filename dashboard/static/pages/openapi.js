// The HTTP API as a page: what the server's own OpenAPI document says.
//
// May import: dom, api.
import { h } from "../dom.js";
import { get } from "../api.js";

const kMethods = ["get", "post", "put", "patch", "delete"];

// {"$ref": "#/components/schemas/Finding"} -> "Finding"; other schemas by their type.
function schemaWords(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.type === "array") return `list of ${schemaWords(schema.items) || "anything"}`;
  if (schema.enum) return schema.enum.join(" | ");
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type ?? "any";
  return schema.format ? `${type} (${schema.format})` : type;
}

function resolve(document, object) {
  if (!object?.$ref?.startsWith("#/")) return object;
  return object.$ref.slice(2).split("/").reduce((at, name) => at?.[name], document) ?? object;
}

function parameters(document, list) {
  if (!list?.length) return null;
  return h("dl", { class: "api-fields" }, list.map((one) => resolve(document, one)).map((one) => [
    h("dt", null, h("code", null, one.name), h("span", { class: "dim" },
      ` ${one.in}${one.required ? ", required" : ""}`)),
    h("dd", null, h("code", null, schemaWords(one.schema)), one.description ? ` ${one.description}` : null),
  ]));
}

function body(document, operation) {
  const content = resolve(document, operation.requestBody)?.content;
  if (!content) return null;
  const [type, media] = Object.entries(content)[0] ?? [];
  const schema = resolve(document, media?.schema);
  return h("div", null, h("p", null, "Body: ", h("code", null, type ?? "")), fields(schema));
}

function fields(schema) {
  if (!schema?.properties) return null;
  const required = schema.required ?? [];
  return h("dl", { class: "api-fields" }, Object.entries(schema.properties).map(([name, one]) => [
    h("dt", null, h("code", null, name), required.includes(name) ? null : h("span", { class: "dim" }, " optional")),
    h("dd", null, h("code", null, schemaWords(one)), one.description ? ` ${one.description}` : null),
  ]));
}

function answers(document, operation) {
  return h("ul", { class: "api-answers" }, Object.entries(operation.responses ?? {}).map(([status, entry]) => {
    const answer = resolve(document, entry);
    const media = Object.entries(answer.content ?? {})[0];
    return h("li", null, h("code", null, status), ` ${answer.description ?? ""} `,
      media ? h("span", { class: "dim" }, media[0], media[1].schema ? `: ${schemaWords(media[1].schema)}` : null)
        : null);
  }));
}

function operationSection(document, path, method, operation) {
  return h("details", { class: "operation" },
    h("summary", null, h("span", { class: `method method-${method}` }, method.toUpperCase()), " ",
      h("code", null, path),
      " ", h("span", { class: "dim" }, operation.summary ?? "")),
    operation.description ? h("p", null, operation.description) : null,
    parameters(document, operation.parameters), body(document, operation), answers(document, operation));
}

function schemas(document) {
  return Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => h("details", { class: "operation" },
    h("summary", null, h("code", null, name), " ", h("span", { class: "dim" },
      schema.description ?? "")), fields(schema)));
}

export async function showApi({ signal }) {
  const document = await get("/openapi.json", {}, signal);
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, entry]) => kMethods
    .filter((method) => entry[method])
    .map((method) => operationSection(document, path, method, entry[method])));
  return {
    title: "API",
    element: h("div", { class: "page" }, h("h1", null, "HTTP API"),
      h("p", { class: "lead" }, document.info?.description ?? ""),
      h("p", null, "The document itself: ", h("a", { href: "/api/v1/openapi.json" }, "openapi.json"),
        ". Metrics for Prometheus: ", h("a", { href: "/metrics" }, "/metrics"), "."),
      operations, h("h2", null, "What the answers are made of"), schemas(document)),
  };
}
