// The product's one OpenAPI document, made of the five that the functions keep: what stands in `/openapi.json` at the one origin.
// A schema that two functions call by one name stays one where it says the same, and gets its function's name in front where it does not.
// It invents nothing: every operation is a function's own, as its route table describes it.

import { readFile, readdir } from "node:fs/promises";

const FUNCTIONS = new URL("../functions/", import.meta.url);

const ABOUT =
  "Forms, events, a chat, tickets and content scores at one origin. Failures are problem documents (RFC 9457), and every answer carries `x-request-id`. After 429 and 503 " +
  "nothing was stored: wait as `Retry-After` says and send the same again. Where an operation takes an `Idempotency-Key`, the same key and body give the same " +
  "answer, and nothing happens twice.";

/** The documents of all functions, by name. */
export const documents = async () => {
  const names = (await readdir(FUNCTIONS)).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, JSON.parse(await readFile(new URL(`${name}/openapi.json`, FUNCTIONS), "utf8"))])));
};

/** One document of several. Throws where two functions say different things at the same place. */
export const merge = (parts) => {
  const named = Object.entries(parts).map(([name, part]) => [name, withOwnNames(part, ownNames(name, parts))]);
  const whole = { paths: {}, components: {} };
  const ids = new Map();
  for (const [name, { paths, components }] of named) {
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const where = `${method.toUpperCase()} ${path}`;
        if ((ids.get(operation.operationId) ?? where) !== where) throw new Error(`${where} and ${ids.get(operation.operationId)} are both called ${operation.operationId}`);
        ids.set(operation.operationId, where);
        const before = whole.paths[path]?.[method];
        const { tags = [], ...known } = before ?? {};
        (whole.paths[path] ??= {})[method] = { tags: [...tags, name], ...(before ? both(known, operation, where) : operation) };
      }
    }
    for (const [kind, entries] of Object.entries(components)) {
      for (const [key, entry] of Object.entries(entries)) {
        const known = (whole.components[kind] ??= {});
        known[key] = key in known ? both(known[key], entry, `${kind} ${key}`) : entry;
      }
    }
  }
  const [{ openapi, info }] = Object.values(parts);
  return {
    openapi,
    info: { ...info, title: "Orilla", description: ABOUT },
    tags: Object.entries(parts).map(([name, { info }]) => ({ name, description: info.description })),
    paths: sorted(whole.paths),
    components: Object.fromEntries(Object.entries(sorted(whole.components)).map(([kind, entries]) => [kind, sorted(entries)])),
  };
};

/** The names of schemas that this function shares with another and means otherwise: what each is called in the whole. */
const ownNames = (name, parts) => {
  const schemas = (part) => part.components.schemas ?? {};
  const apart = new Set();
  // A schema that refers to one of those differs too, though it reads the same.
  for (let found = true; found; ) {
    found = false;
    for (const [key, schema] of Object.entries(schemas(parts[name]))) {
      const others = Object.entries(parts).filter(([other, part]) => other !== name && key in schemas(part));
      if (apart.has(key) || !others.length) continue;
      const isApart = others.some(([, part]) => !isSame(schemas(part)[key], schema)) || referred(schema).some((to) => apart.has(to));
      if (isApart) found = Boolean(apart.add(key));
    }
  }
  return new Map([...apart].map((key) => [key, name.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join("") + key]));
};

const PREFIX = "#/components/schemas/";

const withOwnNames = (part, names) => {
  const taken = new Set(Object.keys(part.components.schemas ?? {}));
  for (const name of names.values()) if (taken.has(name)) throw new Error(`${name} is the name of another schema already`);
  const renamed = each(part, (key, value) => (key === "$ref" && value.startsWith(PREFIX) ? PREFIX + (names.get(value.slice(PREFIX.length)) ?? value.slice(PREFIX.length)) : value));
  const schemas = Object.entries(renamed.components.schemas ?? {}).map(([key, schema]) => [names.get(key) ?? key, schema]);
  return { ...renamed, components: { ...renamed.components, schemas: Object.fromEntries(schemas) } };
};

/** What two functions say at one place: the same, but for a constant, such as a function's own name, which may then be either. */
const both = (one, other, where) => {
  if (isSame(one, other)) return one;
  const either = [one, other].map((value) => value?.enum ?? (isObject(value) && "const" in value ? [value.const] : null));
  if (either[0] && either[1]) return { enum: [...new Set(either.flat())] };
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) return one.map((value, at) => both(value, other[at], `${where}[${at}]`));
  if (!isObject(one) || !isObject(other)) throw new Error(`two functions differ in ${where}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`);
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, both(one[key], other[key], `${where}.${key}`)]));
};

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A copy in which `change` had every text. */
const each = (value, change, key) => {
  if (Array.isArray(value)) return value.map((item) => each(item, change));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, each(inner, change, name)]));
  return typeof value === "string" ? change(key, value) : value;
};

/** The schemas that a schema refers to. */
const referred = (schema) => {
  const found = [];
  each(schema, (key, value) => {
    if (key === "$ref" && value.startsWith(PREFIX)) found.push(value.slice(PREFIX.length));
    return value;
  });
  return found;
};
