// The Durable Object in front of D1 that sites with `shares_commits` write through: one object per site, which stores nothing itself.
// Its work is the object's and not a request's: a caller who went away holds up nobody and loses nothing that was taken from them.
//
// JavaScript and not Rust, because it only passes JavaScript's values from one binding to another: a Wasm module in between
// would copy every event twice.
import { DurableObject } from "cloudflare:workers";
import { Group } from "./group.js";

export class Lane extends DurableObject {
  #group;

  constructor(state, env) {
    super(state, env);
    this.#group = new Group(env.DB);
  }

  /** See [Group.commit]. */
  commit(batch) {
    return this.#group.commit(batch);
  }
}
