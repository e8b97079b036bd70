// How batches of several callers come to share a commit, against a store whose commits end when the test says so.
// What workerd and D1 make of it is shown by the contract (`sql.10`) and by tests/clients/lanes.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Group, IS_FULL } from "../../shared/cloudflare/lane/group.js";

/** D1 as far as a group knows it: keeps every value once, and refuses the whole batch for one that is there. */
const store = () => {
  const [rows, commits, gates] = [new Set(), [], []];
  return {
    rows,
    commits,
    /** Lets the commit under way end, in an error if one is given. */
    open: (error) => gates.shift()(error),
    prepare: (sql) => ({
      bind: (...values) => {
        if (values.includes(undefined)) throw new Error("D1_TYPE_ERROR: Type 'undefined' not supported");
        return { sql, values };
      },
    }),
    batch: async (statements) => {
      commits.push(statements.map(({ values }) => values[0]));
      const error = await new Promise((resolve) => gates.push(resolve));
      if (error) throw error;
      const added = new Set(rows);
      for (const { values } of statements) {
        if (added.has(values[0])) throw new Error("D1_ERROR: UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT");
        added.add(values[0]);
      }
      added.forEach((value) => rows.add(value));
      return statements.map(({ values }) => ({ results: [{ id: values[0] }] }));
    },
  };
};

const insert = (...ids) => ids.map((id) => ["INSERT INTO t (id) VALUES (?1)", [id]]);
const ids = (results) => results.map(({ results }) => results[0].id);
/** Until everything that can go on without the store has. */
const settled = () => new Promise((done) => setImmediate(done));
const outcome = (promise) => promise.then(ids, (error) => error.message);

test("whoever comes during a commit shares the next one, and each hears of their own statements", async () => {
  const d1 = store();
  const group = new Group(d1);
  const answers = [insert("a", "b"), insert("c"), insert("d", "e")].map((batch) => outcome(group.commit(batch)));
  await settled();
  assert.deepEqual(d1.commits, [["a", "b"]], "the first one does not wait");
  d1.open();
  await settled();
  assert.deepEqual(d1.commits.slice(1), [["c", "d", "e"]]);
  let isAnswered = false;
  void answers[1].then(() => (isAnswered = true));
  await settled();
  assert.ok(!isAnswered, "nobody is answered before the commit");
  d1.open();
  assert.deepEqual(await Promise.all(answers), [["a", "b"], ["c"], ["d", "e"]]);
  const last = group.commit(insert("f"));
  await settled();
  d1.open();
  assert.deepEqual(ids(await last), ["f"], "a group that came to rest starts again");
});

test("one that cannot be fails alone", async () => {
  const d1 = store();
  const group = new Group(d1);
  const answers = [insert("a"), insert("b"), insert("c", "a"), insert("d")].map((batch) => outcome(group.commit(batch)));
  for (let commit = 0; commit < 5; commit += 1) {
    await settled();
    d1.open();
  }
  const [first, before, poisoned, after] = await Promise.all(answers);
  assert.deepEqual([first, before, after], [["a"], ["b"], ["d"]]);
  assert.match(poisoned, /UNIQUE constraint failed/);
  assert.deepEqual([...d1.rows], ["a", "b", "d"], "and nothing of it is there");
  assert.deepEqual(d1.commits, [["a"], ["b", "c", "a", "d"], ["b"], ["c", "a"], ["d"]]);
});

test("what may have happened is not done again: all of its callers hear that nobody knows", async () => {
  const d1 = store();
  const group = new Group(d1);
  const answers = [insert("a"), insert("b"), insert("c")].map((batch) => outcome(group.commit(batch)));
  await settled();
  d1.open();
  await settled();
  d1.open(new Error("Network connection lost."));
  assert.deepEqual(await Promise.all(answers), [["a"], "Network connection lost.", "Network connection lost."]);
  assert.equal(d1.commits.length, 2);
});

test("what cannot be bound is refused before it meets anybody else's", async () => {
  const d1 = store();
  const group = new Group(d1);
  assert.throws(() => group.commit([...insert("a"), ["INSERT", [undefined]]]), /not supported/);
  await settled();
  assert.deepEqual(d1.commits, []);
});

test("a queue that is full says so at once, and takes the next when there is room", async () => {
  const d1 = store();
  const group = new Group(d1, { statements: 10, characters: 1_000, waiting: 2, waitingCharacters: 1_000 });
  const answers = ["a", "b", "c"].map((id) => outcome(group.commit(insert(id))));
  assert.throws(() => group.commit(insert("d")), { message: IS_FULL });
  for (let commit = 0; commit < 2; commit += 1) {
    await settled();
    d1.open();
  }
  assert.deepEqual(await Promise.all(answers), [["a"], ["b"], ["c"]]);
  assert.throws(() => group.commit(insert("x".repeat(1_000))), { message: IS_FULL });
  const late = group.commit(insert("d"));
  await settled();
  d1.open();
  assert.deepEqual(ids(await late), ["d"]);
});

test("a commit has its limits, and what is larger than they are goes alone", async () => {
  const d1 = store();
  const group = new Group(d1, { statements: 3, characters: 1_000, waiting: 100, waitingCharacters: 10_000 });
  const answers = [insert("a"), insert("b", "c"), insert("d"), insert("e"), insert("f", "g", "h", "i"), insert("j"), insert("k", "x".repeat(1_000))].map((batch) => outcome(group.commit(batch)));
  for (let commit = 0; commit < 6; commit += 1) {
    await settled();
    d1.open();
  }
  await Promise.all(answers);
  assert.deepEqual(d1.commits.map((commit) => commit.map((id) => id.slice(0, 1)).join("")), ["a", "bcd", "e", "fghi", "j", "kx"]);
});
