// The arithmetic of the analytics page: where the days of a zone begin, and where a chart's points stand.
import assert from "node:assert/strict";
import test from "node:test";
import { ceiling, across, down } from "../../web/demo/analytics/scale.js";
import { addDays, dateIn, dayStart, spanOf } from "../../web/demo/analytics/zone.js";

const iso = (moment) => new Date(moment).toISOString().replace(".000", "");

test("days begin at the zone's own midnight, whatever its clocks do", () => {
  const cases = [
    ["UTC", "2026-11-27", "2026-11-27T00:00:00Z"],
    ["Europe/Madrid", "2026-11-27", "2026-11-26T23:00:00Z"],
    ["Europe/Madrid", "2026-03-29", "2026-03-28T23:00:00Z"],
    ["Europe/Madrid", "2026-03-30", "2026-03-29T22:00:00Z"],
    ["Europe/Madrid", "2026-10-25", "2026-10-24T22:00:00Z"],
    ["Europe/Madrid", "2026-10-26", "2026-10-25T23:00:00Z"],
    ["America/Mexico_City", "2026-11-27", "2026-11-27T06:00:00Z"],
    ["Asia/Kathmandu", "2026-11-27", "2026-11-26T18:15:00Z"],
    ["Pacific/Kiritimati", "2026-11-27", "2026-11-26T10:00:00Z"],
    // Chile's clocks skip midnight: the day begins at one o'clock.
    ["America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"],
    ["America/Santiago", "2026-09-07", "2026-09-07T03:00:00Z"],
    ["America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z"],
  ];
  for (const [zone, date, expect] of cases) assert.equal(iso(dayStart(zone, date)), expect, `${date} in ${zone}`);
  assert.equal(dateIn("Europe/Madrid", Date.parse("2026-11-27T22:59:59Z")), "2026-11-27");
  assert.equal(dateIn("Europe/Madrid", Date.parse("2026-11-27T23:00:00Z")), "2026-11-28");
  assert.equal(addDays("2026-03-01", -1), "2026-02-28");
});

test("a span is compared with as many days before it, until the same time of day", () => {
  const read = (days, now) => {
    const { from, before } = spanOf("Europe/Madrid", days, Date.parse(now));
    return [from, before.from, before.until].map(iso);
  };
  assert.deepEqual(read(1, "2026-11-27T12:30:00Z"), ["2026-11-26T23:00:00Z", "2026-11-25T23:00:00Z", "2026-11-26T12:30:00Z"]);
  assert.deepEqual(read(7, "2026-11-27T12:30:00Z"), ["2026-11-20T23:00:00Z", "2026-11-13T23:00:00Z", "2026-11-20T12:30:00Z"]);
  // The clocks were put back between the two.
  assert.deepEqual(read(7, "2026-10-28T12:30:00Z"), ["2026-10-21T22:00:00Z", "2026-10-14T22:00:00Z", "2026-10-21T11:30:00Z"]);
});

test("an axis ends at an even number that holds the highest value", () => {
  const expect = [[0, 2], [1, 2], [2, 2], [3, 4], [9, 10], [10, 10], [11, 20], [99, 100], [100, 100], [101, 200], [5_001, 6_000]];
  for (const [highest, top] of expect) assert.equal(ceiling(highest), top, `for ${highest}`);
  assert.deepEqual([across(0, 1), across(0, 5), across(4, 5), down(0, 10), down(10, 10)], [0, 0, 100, 100, 0]);
});
