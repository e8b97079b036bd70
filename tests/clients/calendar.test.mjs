// Opening hours and holidays, beside independent implementations from PyPI: `workclock` reckons in another language's time zones.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { python } from "./events/support.mjs";

const SEED = "20261127";

const peers = (...switches) => {
  const program = process.env.ORILLA_CALENDAR;
  assert.ok(program, "set ORILLA_CALENDAR to the example `calendar` of orilla-desk (cargo xtask test does)");
  return python(new URL("calendar/peers.py", import.meta.url), program, SEED, "4000", ...switches);
};

describe("a calendar", () => {
  test("says of opening hours what workclock says, and of yearly rules what dateutil says", async () => {
    const { asked, differing, differ } = await peers();
    assert.equal(asked, 5_000);
    assert.equal(differing, 0, JSON.stringify(differ, null, 2));
  });

  test("is found out when its lunch is a quarter of an hour late", async () => {
    const { differing } = await peers("--lunch-late");
    assert.ok(differing > 100, `only ${differing} answers differ`);
  });
});
