// Dates of a time zone as moments: the spans that the page asks for. Pure, and without a library: Intl knows the zones.

const DAY_MS = 86_400_000;

/** The date of a moment in a zone, as `2026-11-27`. */
export const dateIn = (zone, moment) => new Date(moment + offsetAt(zone, moment)).toISOString().slice(0, 10);

/** The date so many days after another. */
export const addDays = (date, days) => new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The moment at which a date begins in a zone; where clocks skip midnight, the one after it. */
export const dayStart = (zone, date) => {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // The offset of the day before, then that of the moment it leads to: right on both sides of a change of clocks.
  const near = midnight - offsetAt(zone, midnight - DAY_MS / 2);
  const start = midnight - offsetAt(zone, near);
  return dateIn(zone, start) < date ? near : start;
};

/** The last so many days of a zone, today until now, and as many before them until the same time of day. */
export const spanOf = (zone, days, now) => {
  const today = dateIn(zone, now);
  const start = (back) => dayStart(zone, addDays(today, -back));
  return { from: start(days - 1), until: now, before: { from: start(2 * days - 1), until: start(days) + now - start(0) } };
};

/** How far a zone's clocks are ahead of UTC, in milliseconds. */
const offsetAt = (zone, moment) => {
  const parts = Object.fromEntries(clock(zone).formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute, second } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
};

const clocks = new Map();
const clock = (zone) => {
  if (!clocks.has(zone)) {
    const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    clocks.set(zone, new Intl.DateTimeFormat("en", { ...parts, timeZone: zone, calendar: "gregory", hourCycle: "h23" }));
  }
  return clocks.get(zone);
};
