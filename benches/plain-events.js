// What Orilla's events are measured against: a Worker in plain JavaScript that puts a batch into the same table, with the same indexes,
// and does nothing else. No site, no visits, no ledger, no judgement: the floor that any Worker with this store stands on.
//
// With a binding DB it writes to D1, one statement a request. With a binding STORE it writes to a Durable Object with SQLite of its
// own, which collects for some milliseconds and answers all of a group after its commit.
import { DurableObject } from "cloudflare:workers";

/** Source: design of the measurement, the best of what was tried on Workers. */
const COLLECT_MS = 5;
const SITE = "b3f1c0de-5a7e-4d1b-9c32-0a6d4e8f7b21";

const INSERT = `INSERT INTO events (site_id, source, message_id, type, name, visitor_id, user_id, person_id, session_id, sequence, occurred_at,
    received_at, url, path, properties, context)
  SELECT ?1, 'plain', e.value ->> 'messageId', e.value ->> 'type', coalesce(e.value ->> 'event', ''), e.value ->> 'anonymousId', e.value ->> 'userId',
    e.value ->> 'anonymousId', e.value ->> 'anonymousId', e.key, unixepoch(e.value ->> 'timestamp') * 1000, ?3, e.value ->> '$.context.page.url',
    e.value ->> '$.context.page.path', coalesce(e.value -> 'properties', '{}'), coalesce(e.value -> 'context', '{}')
  FROM json_each(?2) e WHERE true ON CONFLICT DO NOTHING`;

export default {
  async fetch(request, env) {
    const store = env.STORE?.getByName("events");
    if (request.method === "GET") {
      const count = store ? await store.count() : await env.DB.prepare("SELECT count(*) AS n FROM events").first("n");
      return Response.json({ count });
    }
    const { batch } = await request.json();
    const rows = JSON.stringify(batch);
    if (store) await store.insert(rows);
    else await env.DB.prepare(INSERT).bind(SITE, rows, Date.now()).run();
    return Response.json({ success: true });
  },
};

export class Store extends DurableObject {
  #waiting = [];
  #commit;

  constructor(state, env) {
    super(state, env);
    for (const statement of env.SCHEMA) state.storage.sql.exec(statement);
  }

  async insert(rows) {
    this.#waiting.push(rows);
    this.#commit ??= new Promise((done) => setTimeout(done, COLLECT_MS)).then(() => this.#commitAll());
    await this.#commit;
  }

  async #commitAll() {
    const group = this.#waiting.splice(0);
    this.#commit = undefined;
    this.ctx.storage.transactionSync(() => group.forEach((rows) => this.ctx.storage.sql.exec(INSERT, SITE, rows, Date.now())));
    await this.ctx.storage.sync();
  }

  count() {
    return this.ctx.storage.sql.exec("SELECT count(*) AS n FROM events").one().n;
  }
}
