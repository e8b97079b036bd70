// The real wrangler takes every Worker, from the files that a deployment gives it. It needs no account and no network.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { HOSTS } from "../server.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = join(ROOT, "target/deploy/orilla");
const FUNCTIONS = readdirSync(join(ROOT, "functions")).filter((name) => existsSync(join(ROOT, "functions", name, "src/entry.rs")));

test("wrangler takes every Worker in a dry run", { skip: !HOSTS.includes("workers") && "no workers among the hosts" }, () => {
  // Whatever this machine is logged in to, a dry run asks nobody.
  const env = { ...process.env, CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9" };
  const run = spawnSync(process.env.ORILLA_XTASK, ["deploy", "--host", "workers", "--dry-run", "--profile", "wasm-test"], { cwd: ROOT, env, encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /no account was asked/);
  for (const name of FUNCTIONS) {
    assert.match(run.stdout, new RegExp(`orilla-${name} would be deployed`));
    const out = join(FOLDER, "dry-run", name);
    const module = readdirSync(out).find((file) => file.endsWith(".wasm"));
    assert.equal(statSync(join(out, module)).size, statSync(join(ROOT, "target/workers", name, "index.wasm")).size, `${name}: the module is uploaded as it was built`);
    const config = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
    assert.equal(config.assets, undefined);
    assert.equal(config.workers_dev, false, `${name} is reached through the front only`);
  }
  assert.match(run.stdout, /orilla would be deployed/);
  assert.ok(existsSync(join(FOLDER, "dry-run/front/index.js")));
  assert.match(run.stderr, /Read \d+ files from the assets directory/, "the front has the pages");
});
