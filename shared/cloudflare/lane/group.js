// Batches of several callers in one commit: whoever comes while one is under way waits for the next, with all others who came.
// Knows D1's `prepare` and `batch`, and nothing of Workers. No timer: the longer commits take, the more of them are shared.

/** What a caller hears of a full lane, in words that `sql.rs` knows again. */
export const IS_FULL = "LANE_FULL: too much waits for the store";

/**
 * The most that is committed at once, and the most that may wait.
 *
 * Chosen: a request has some five statements, and D1 takes 1,000 in an invocation; a commit binds no more than one large request
 * does by itself; and the object has 128 MB together with all else in its isolate.
 */
const LIMITS = { statements: 200, characters: 4_000_000, waiting: 1_000, waitingCharacters: 32_000_000 };

/** A D1 error that names SQLite's own code or a constraint is a statement's: nothing of its batch has happened. Of others nobody knows. */
const IS_A_STATEMENTS = /\bSQLITE_[A-Z]+|constraint failed/;

export class Group {
  #database;
  #limits;
  #waiting = [];
  #waitingCharacters = 0;
  #isCommitting = false;

  constructor(database, limits = LIMITS) {
    this.#database = database;
    this.#limits = limits;
  }

  /**
   * Commits `[sql, parameters]` pairs whole or not at all, and gives D1's result of each once they are committed.
   *
   * What D1 would refuse to bind is refused before it meets anybody else's statements.
   */
  commit(batch) {
    const statements = batch.map(([sql, parameters]) => this.#database.prepare(sql).bind(...parameters));
    const characters = batch.reduce((sum, [sql, parameters]) => parameters.reduce((sum, value) => sum + (value?.length ?? 0), sum + sql.length), 0);
    if (this.#waiting.length >= this.#limits.waiting || this.#waitingCharacters + characters > this.#limits.waitingCharacters) throw new Error(IS_FULL);
    this.#waitingCharacters += characters;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements, characters, resolve, reject });
      if (!this.#isCommitting) void this.#commitAll();
    });
  }

  async #commitAll() {
    this.#isCommitting = true;
    while (this.#waiting.length > 0) await this.#commitTogether(this.#next());
    this.#isCommitting = false;
  }

  /** The first that wait, at least one. */
  #next() {
    let [count, statements, characters] = [0, 0, 0];
    for (const one of this.#waiting) {
      statements += one.statements.length;
      characters += one.characters;
      if (count > 0 && (statements > this.#limits.statements || characters > this.#limits.characters)) break;
      count += 1;
    }
    const group = this.#waiting.splice(0, count);
    for (const one of group) this.#waitingCharacters -= one.characters;
    return group;
  }

  async #commitTogether(group) {
    try {
      const results = await this.#database.batch(group.flatMap(({ statements }) => statements));
      for (const { statements, resolve } of group) resolve(results.splice(0, statements.length));
    } catch (error) {
      if (group.length > 1 && IS_A_STATEMENTS.test(error.message)) {
        // One by one, so that whose statement it was fails alone.
        for (const one of group) await this.#commitTogether([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }
}
