// Lets Node.js import a `.wasm` file as Workers do: as a compiled module that is not yet an instance.
export async function load(url, context, next) {
  if (!url.endsWith(".wasm")) return next(url, context);
  const source = `import { readFileSync } from "node:fs"; export default new WebAssembly.Module(readFileSync(new URL(${JSON.stringify(url)})));`;
  return { format: "module", shortCircuit: true, source };
}
