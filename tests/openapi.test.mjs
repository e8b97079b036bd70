// The one OpenAPI document: that it leaves nothing out, says nothing twice, and is what an independent validator takes for OpenAPI 3.1.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { documents, merge } from "../web/openapi.mjs";

const operations = ({ paths }) => Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ where: `${method} ${path}`, operation })));

/** Every `$ref` in it that points to nothing. */
const dangling = (document) => {
  const found = [];
  JSON.stringify(document, (key, value) => {
    const isThere = (path) => path.split("/").slice(1).reduce((at, name) => at?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], document) !== undefined;
    if (key === "$ref" && !(value.startsWith("#/") && isThere(value))) found.push(value);
    return value;
  });
  return found;
};

const part = (function_, schemas, paths = {}) => ({ openapi: "3.1.0", info: { title: function_, description: function_, version: "1" }, paths, components: { schemas } });
const to = (name) => ({ $ref: `#/components/schemas/${name}` });
const get = (operationId, schema) => ({ get: { operationId, responses: { 200: { description: "It.", content: { "application/json": { schema } } } } } });

describe("the one document", async () => {
  const parts = await documents();
  const whole = merge(parts);

  test("has every operation of every function, under its own id and by its function's name", () => {
    const there = new Map(operations(whole).map(({ where, operation }) => [where, operation]));
    assert.ok(Object.keys(parts).length >= 5);
    for (const [name, document] of Object.entries(parts)) {
      for (const { where, operation } of operations(document)) {
        assert.equal(there.get(where)?.operationId, operation.operationId, `${name}: ${where}`);
        assert.ok(there.get(where).tags.includes(name), `${where} is not tagged ${name}`);
        assert.deepEqual(Object.keys(there.get(where).responses), Object.keys(operation.responses), where);
      }
    }
    const ids = [...there.values()].map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
  });

  test("is OpenAPI 3.1 to an independent validator, and every reference resolves", async () => {
    const verdict = await new Validator().validate(structuredClone(whole));
    assert.deepEqual(verdict, { valid: true });
    assert.deepEqual(dangling(whole), []);
  });

  test("is found out when something in it is wrong", async () => {
    const broken = structuredClone(whole);
    delete broken.paths["/v1/leads"].get.responses;
    broken.paths["/v1/leads"].get.parameters[0].in = "nowhere";
    assert.equal((await new Validator().validate(structuredClone(broken))).valid, false);
    broken.paths["/v1/forms"].get.responses[200].content["application/json"].schema = to("Nothing");
    assert.deepEqual(dangling(broken), ["#/components/schemas/Nothing"]);
  });

  test("keeps schemas of one name apart where they differ, and shares them where they do not", () => {
    const shape = (name) => ({ type: "object", properties: { [name]: { type: "string" } } });
    const { components, paths } = merge({
      "one-thing": part("one", { Same: shape("a"), Item: shape("b"), Items: { type: "array", items: to("Item") } }, { "/one": get("one", to("Items")) }),
      "other-thing": part("other", { Same: shape("a"), Item: shape("c"), Items: { type: "array", items: to("Item") } }, { "/other": get("other", to("Same")) }),
    });
    assert.deepEqual(Object.keys(components.schemas), ["OneThingItem", "OneThingItems", "OtherThingItem", "OtherThingItems", "Same"]);
    assert.deepEqual(components.schemas.OtherThingItems.items, to("OtherThingItem"));
    assert.deepEqual(paths["/one"].get.responses[200].content["application/json"].schema, to("OneThingItems"));
    assert.deepEqual(paths["/other"].get.responses[200].content["application/json"].schema, to("Same"));
  });

  test("lets functions share a path that says the same but for a name, and nothing else", () => {
    const health = (name) => part(name, {}, { "/healthz": get("checkHealth", { const: name }) });
    const { paths } = merge({ one: health("one"), other: health("other"), third: health("third") });
    assert.deepEqual(paths["/healthz"].get.responses[200].content["application/json"].schema, { enum: ["one", "other", "third"] });
    assert.deepEqual(paths["/healthz"].get.tags, ["one", "other", "third"]);
    const other = part("other", {}, { "/healthz": get("checkHealth", { type: "string" }) });
    assert.throws(() => merge({ one: health("one"), other }), /differ in GET \/healthz/);
    const twin = part("twin", {}, { "/elsewhere": get("checkHealth", { const: "twin" }) });
    assert.throws(() => merge({ one: health("one"), twin }), /GET \/elsewhere and GET \/healthz are both called checkHealth/);
  });
});
