// The page's words, which the build put into it, and how its language writes numbers, times and plurals.

export const language = document.documentElement.lang;
export const words = JSON.parse(document.getElementById("words").textContent);

/** A sentence with its gaps filled. */
export const fill = (sentence, gaps) => sentence.replace(/\{(\w+)\}/g, (_, name) => gaps[name]);

const numbers = new Intl.NumberFormat(language);
const shares = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const changes = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
const plurals = new Intl.PluralRules(language);

export const number = (value) => numbers.format(value);
export const share = (value) => (value === null ? "–" : shares.format(value));
export const change = (now, before) => changes.format(now / before - 1);

/** The form of a word that a count asks for, its gap filled with the count. */
export const plural = (count, [one, many]) => fill(plurals.select(count) === "one" ? one : many, { count: number(count) });

/** A count and what is counted. */
export const counted = (count, forms) => `${number(count)} ${plural(count, forms)}`;

/** The largest two units of a length of time. The abbreviations are the same in both languages. */
export const duration = (seconds) => {
  if (seconds === null) return "–";
  let rest = seconds < 60 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
  const units = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];
  const parts = [];
  for (const [unit, size] of units) {
    const count = size === 1 ? rest : Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${number(count)} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
};

const date = (options, zone) => new Intl.DateTimeFormat(language, { ...options, timeZone: zone });

/** How the page writes the moments of a series in its zone: below the chart, and in a sentence. */
export const moments = (zone, interval) => {
  const hour = date({ hour: "numeric", minute: "2-digit" }, zone);
  const axis = interval === "hour" ? hour : date({ day: "numeric", month: "short" }, zone);
  const full = interval === "hour" ? hour : date({ weekday: "short", day: "numeric", month: "short" }, zone);
  return { axis: (at) => axis.format(new Date(at)), full: (at) => full.format(new Date(at)) };
};

/** The time of day in a zone. */
export const time = (moment, zone) => date({ hour: "numeric", minute: "2-digit" }, zone).format(moment);

/** A date without a time, as `2026-11-27`. */
export const day = (text, isMonth) => date(isMonth ? { month: "long", year: "numeric" } : { day: "numeric", month: "short", year: "numeric" }, "UTC").format(new Date(text));

/** A name that Intl knows for a code, else the code. */
export const named = (type, code) => {
  try {
    return new Intl.DisplayNames(language, { type }).of(code);
  } catch {
    return code;
  }
};
