// A site is backed up while people go on using it, and restored into another data folder: what was there before the backup began is there,
// equal row by row; a second restore changes nothing; somebody erased in the copy is in it no more.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { HOSTS, IS_GIVEN, api, folderOfItsOwn, mailbox, server } from "../server.mjs";
import { eventually } from "./support.mjs";

const OPERATOR_KEY = "operator-of-two-folders";
/** What stands there before the backup, and how much comes at least while it streams. */
const QUIET = 60;
const UNDER_LOAD = 200;
/** Tables of which the copy holds rows back or sorts them anew, or that count on while the load goes on. */
const OTHERWISE = ["destinations", "outbox", "segment_standings"];
const COUNTING = [...OTHERWISE, "idempotency", "ledger", "ledger_samples", "page_views", "sessions"];

describe("a backup under load, restored into another folder", { skip: IS_GIVEN && "it takes two servers with an operator's key that is known" }, () => {
  let folder, site, copy, file;
  before(async () => {
    const variables = { OPERATOR_KEY };
    [folder, site, copy] = [await folderOfItsOwn(), await server(HOSTS[0], { variables }), await server(HOSTS[0], { variables })];
    file = join(folder, "backup.ndjson");
  });
  after(async () => {
    await Promise.all([site?.stop(), copy?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  test("holds whatever was committed before it began, and restores to the same", async (t) => {
    const id = site.keys.site;
    for (let number = 0; number < QUIET; number++) await somethingHappens(site, number);
    const quiet = await settled(site, id);

    let happened = 0;
    let isOver = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver || happened < UNDER_LOAD) await somethingHappens(site, QUIET + happened++);
    });
    await eventually("the load is under way", () => happened > 8);
    let taken, backups = 0;
    do {
      const { code, text } = await xtask(["backup", "--from", site.url, "--site", id], file);
      assert.equal(code, 0, text);
      taken = rowsOf(await readFile(file, "utf8"));
      const lost = [...quiet].filter((row) => !taken.has(row) && !COUNTING.includes(tableOf(row)));
      assert.deepEqual(lost, [], "everything that was there is in the backup");
      backups++;
    } while (happened < UNDER_LOAD / 2);
    isOver = true;
    await Promise.all(load);
    assert.ok(happened >= UNDER_LOAD && taken.size > quiet.size);

    const restored = await xtask(["restore", file, "--to", copy.url]);
    assert.equal(restored.code, 0, restored.text);
    const there = rowsOf(await backup(copy, id));
    const missing = [...taken].filter((row) => !there.has(row) && !OTHERWISE.includes(tableOf(row)));
    // Of what came meanwhile: rows whose own page was over by then, and tickets that the copy's clock gave to somebody.
    const hanging = ["submissions", "segment_members", "consents", "messages", "ticket_events", "tickets"];
    assert.deepEqual(missing.filter((row) => quiet.has(row) || !hanging.includes(tableOf(row))), [], "and in the copy");
    t.diagnostic(JSON.stringify({ rows: taken.size, quiet: quiet.size, happened, backups, leftOut: missing.length }));

    const whole = await settled(copy, id);
    const of = (table) => [...whole].map((row) => JSON.parse(row)).filter((row) => row.table === table).map(({ row }) => row);
    const leads = new Set(of("leads").map((lead) => lead.id));
    assert.ok(of("submissions").every((submission) => leads.has(submission.lead_id)), "every submission has its lead");
    const events = of("ticket_events");
    for (const ticket of of("tickets")) assert.equal(events.filter((event) => event.ticket_id === ticket.id).length, ticket.events, "every ticket has its events");
    const again = await xtask(["restore", file, "--to", copy.url]);
    assert.equal(again.code, 0, again.text);
    assert.ok([...again.text.matchAll(/: (\d+) written/g)].every(([, written]) => written === "0"), again.text);
    assert.deepEqual(rowsOf(await backup(copy, id)), whole, "a second time changes nothing");
  });

  test("forgets in the copy who is erased there", async () => {
    const held = await backup(copy, site.keys.site);
    const { row } = JSON.parse([...rowsOf(held)].find((line) => tableOf(line) === "leads"));
    assert.ok(held.split(row.email).length > 3, "their address stands in some rows");
    await api(copy, `/v1/leads/${row.id}`, { key: "admin_key", method: "DELETE" });
    assert.ok(!(await backup(copy, site.keys.site)).includes(row.email), "no table of the copy holds their address");
  });

  test("is refused where it was cut", async () => {
    const whole = await readFile(file, "utf8");
    const cut = join(folder, "cut.ndjson");
    await writeFile(cut, whole.slice(0, whole.length / 2));
    const refused = await xtask(["restore", cut, "--to", copy.url]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /no whole backup; nothing was sent/);
  });
});

/** A submission, a few events, or a ticket, of somebody new. */
const somethingHappens = async (site, number) => {
  if (number % 10 === 9) {
    const requester = { email: mailbox("ticket") };
    await api(site, "/v1/tickets", { key: "admin_key", method: "POST", body: { subject: `Cobro ${number}`, text: `Me habéis cobrado dos veces el mes ${number}`, requester } });
  } else if (number % 3 === 2) {
    const userId = `u-${randomUUID()}`;
    const batch = [1, 2, 3].map((step) => ({ type: "track", event: "Counted", userId, messageId: randomUUID(), properties: { number, step } }));
    await api(site, "/v1/batch", { key: "write_key", method: "POST", body: { batch } });
  } else {
    const fields = { email: mailbox("form"), consent: true, company: `Escuela ${number}`, _visitor: randomUUID(), _elapsed_ms: 9000 };
    await api(site, "/v1/forms/demo/submissions", { key: "write_key", method: "POST", body: fields });
  }
};

/** A ticket that the desk has not looked at yet: its clock will write who gets it, or why nobody does. */
const isUnseen = (line) => {
  const { table, row } = JSON.parse(line);
  return table === "tickets" && row.status === "new" && row.routing === null;
};

/** The rows once nothing moves any more: what is deferred is done. */
const settled = async (site, id) => {
  let rows = rowsOf(await backup(site, id));
  await eventually("the store is quiet", async () => {
    const now = rowsOf(await backup(site, id));
    const isQuiet = now.size === rows.size && [...now].every((row) => rows.has(row) && !isUnseen(row));
    rows = now;
    return isQuiet;
  });
  return rows;
};

const backup = async ({ url }, id) => {
  const answer = await fetch(`${url}/v1/backup?site=${id}`, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
  assert.equal(answer.status, 200);
  return answer.text();
};

/** The rows of a backup that is whole, each as its line. */
const rowsOf = (text) => {
  const lines = text.trimEnd().split("\n");
  const { end } = JSON.parse(lines.at(-1));
  assert.ok(end, "its last line is there");
  const rows = lines.filter((line) => line.startsWith('{"row":') || line.startsWith('{"table":'));
  assert.equal(rows.length, Object.values(end.rows).reduce((sum, count) => sum + count, 0));
  return new Set(rows);
};

const tableOf = (row) => JSON.parse(row).table;

/** Runs a command of ours, its output into a file where one is named. */
const xtask = async (words, into) => {
  const child = spawn(process.env.ORILLA_XTASK, words, { env: { ...process.env, OPERATOR_KEY } });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  const ended = new Promise((resolve) => child.once("close", resolve));
  if (into) await pipeline(child.stdout, createWriteStream(into));
  else child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  return { code: await ended, text };
};
