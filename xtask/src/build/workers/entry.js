// The Worker's entry. wasm-bindgen's exports already have the shape of a module Worker's handlers; after a trap its own guard
// starts a fresh instance at the next call, as the `worker` crate's abort handler asks it to. Not here: any behaviour of ours.
// What a Worker of ours exports beside them (a Durable Object's class) the build adds below.
import * as bindings from "./bindings.js";

Error.stackTraceLimit = 100;

const handlers = {};
for (const event of ["fetch", "scheduled", "queue"]) {
  if (bindings[event]) handlers[event] = (subject, env, context) => bindings[event](subject, env, context);
}

export default handlers;
