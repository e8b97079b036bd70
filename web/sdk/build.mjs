// Builds the package: src/schema.d.ts from the one OpenAPI document, then dist/ with one module and its types. Neither is committed: both
// follow from the functions' documents, and so cannot be out of date.

import { execFileSync } from "node:child_process";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import openapiTypescript, { astToString } from "openapi-typescript";
import { documents, merge } from "../openapi.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const schema = astToString(await openapiTypescript(merge(await documents())));
await writeFile(here("src/schema.d.ts"), `// Written by build.mjs from the one OpenAPI document.\n\n${schema}`);

await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"));
await build({ entryPoints: [here("src/index.ts")], outfile: here("dist/index.js"), bundle: true, format: "esm", target: "es2022", charset: "utf8" });
execFileSync(process.execPath, [createRequire(import.meta.url).resolve("typescript/lib/tsc.js"), "--emitDeclarationOnly", "--project", here("tsconfig.json")], { stdio: "inherit" });
await copyFile(here("src/schema.d.ts"), here("dist/schema.d.ts"));
await copyFile(here("../../LICENSE"), here("LICENSE"));
