// What the snippets of the documents meet: one native server with the demo site and its articles, a customer's page and a customer's
// server, the packed client beside the published ones, and one browser. Names that stand in prose are given their real values here.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { hostPage } from "../browser/support.mjs";
import { browsing } from "../clients/events/support.mjs";
import { receiver } from "../clients/support.mjs";
import { server } from "../server.mjs";

export const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** A page that a content score can read. */
const PAGE = `<!doctype html><html lang="es"><head><title>Clases de surf en Bahía Norte para principiantes</title>
<meta name="description" content="Clases de surf para principiantes, con monitor, tabla y traje incluidos. Reserva tu plaza en línea."></head>
<body><main><h1>Clases de surf para principiantes</h1><p>Aprende a hacer surf con nosotros. Las clases de surf duran dos horas.</p>
<h2>Qué incluye</h2><p>Tabla, traje y seguro. También te recogemos en el hotel.</p><a href="/reservar">Reserva tu clase</a></main></body></html>`;

/** Builds the client as it would be published, and unpacks it where the snippets look for packages. */
const packages = async (folder) => {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "@orilla"), { recursive: true });
  const installed = join(ROOT, "tests/node_modules");
  for (const name of await readdir(installed)) if (!name.startsWith(".")) await symlink(join(installed, name), join(modules, name));
  await run(process.execPath, ["build.mjs"], { cwd: join(ROOT, "web/sdk") });
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], { cwd: join(ROOT, "web/sdk") });
  const [{ filename, files }] = JSON.parse(stdout);
  await run("tar", ["-xzf", join(folder, filename), "-C", join(modules, "@orilla")]);
  await run("mv", [join(modules, "@orilla/package"), join(modules, "@orilla/client")]);
  return files.map(({ path }) => path);
};

/** The demo site with a few of its articles: the snippets ask for these, and all of them take a while to be indexed. */
const fewer = async (folder) => {
  const site = join(folder, "sites/demo");
  const asked = /^(price|trial|cancel|export-data|invoices)\./;
  await cp(join(ROOT, "sites/demo"), site, { recursive: true, filter: (path) => !path.endsWith(".md") || asked.test(basename(path)) });
  return site;
};

export const world = async () => {
  const folder = await mkdtemp(join(tmpdir(), "orilla-docs-"));
  const operatorKey = randomUUID();
  const [crm, shop] = await Promise.all([receiver(), hostPage(PAGE)]);
  const variables = { ALLOWED_PRIVATE_HOSTS: "127.0.0.1,localhost", OPERATOR_KEY: operatorKey };
  const [packed, demo] = await Promise.all([packages(folder), fewer(folder)]);
  const site = await server("native", { variables, site: demo, articles: true });
  const { url, keys } = site;
  let browser;
  const real = (text) =>
    text
      .replaceAll("https://forms.example.com", url)
      .replaceAll("forms.example.com", new URL(url).host)
      .replaceAll("http://127.0.0.1:8787", url)
      // Only one client asks for the scheme by itself.
      .replaceAll('protocol: "https"', `protocol: "${new URL(url).protocol.slice(0, -1)}"`)
      .replaceAll("https://crm.example.com", crm.url)
      .replace(/https:\/\/(www\.)?marea\.example\b\//g, shop.url)
      .replace(/orl_(write|read|admin)_…/g, (_, role) => keys[`${role}_key`])
      .replaceAll("5e0f3c1a-…", keys.site)
      .replaceAll("7f0c…", randomUUID())
      .replaceAll("OPERATOR_KEY=…", `OPERATOR_KEY=${operatorKey}`);
  return {
    ...site,
    folder,
    packed,
    operatorKey,
    crm,
    real,
    browser: () => (browser ??= browsing()),
    stop: async () => {
      await Promise.all([site.stop(), crm.stop(), shop.stop(), browser?.then((it) => it.stop())]);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
