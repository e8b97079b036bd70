// Puts one entrypoint beside a function's own: how large its linear memory is, which nothing outside the isolate can see.
// The function's entrypoint is passed through untouched, so that measuring costs its requests nothing.
import { WorkerEntrypoint } from "cloudflare:workers";
import "./capture.js";
export * from "./index.js";
export { default } from "./index.js";

export class Memory extends WorkerEntrypoint {
  fetch() {
    const sizes = globalThis.instances.map(({ exports }) => exports.memory?.buffer.byteLength ?? 0);
    return Response.json({ bytes: Math.max(0, ...sizes) });
  }
}
