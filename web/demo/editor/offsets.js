// Places in a text: the server counts bytes of UTF-8, a browser counts units of UTF-16, and the text goes on being written meanwhile.

/** How many bytes of UTF-8 the unit at `at` begins; the second half of a pair begins none. */
const bytesAt = (text, at) => {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  if (unit < 0xdc00) {
    const next = text.charCodeAt(at + 1);
    if (next >= 0xdc00 && next <= 0xdfff) return 4;
    return 3;
  }
  const before = at ? text.charCodeAt(at - 1) : 0;
  // A lone half is sent as U+FFFD, which is three bytes.
  return before >= 0xd800 && before < 0xdc00 ? 0 : 3;
};

/** Spans in bytes as spans in units of `text`, in the same order: one walk through the text for all of them. A place beyond it is its end. */
export const toUnits = (text, spans) => {
  const wanted = spans.flatMap(({ start, end }) => [start, end]).sort((a, b) => a - b);
  const found = new Map();
  let [unit, byte] = [0, 0];
  for (const place of wanted) {
    while (byte < place && unit < text.length) byte += bytesAt(text, unit++);
    // The second half of a pair belongs to the first.
    while (unit < text.length && bytesAt(text, unit) === 0) unit++;
    found.set(place, unit);
  }
  return spans.map(({ start, end }) => ({ start: found.get(start), end: found.get(end) }));
};

/** What became of a text: up to where it is the same, what was taken away there, and what was put in its place. */
export const change = (before, after) => {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (same < shorter - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same++;
  return { start, removed: before.length - start - same, added: after.slice(start, after.length - same) };
};

/** A span of a text after that change; what was removed whole is no span any more. */
export const follow = ({ start, end }, { start: at, removed, added }) => {
  const shift = added.length - removed;
  const moved = (place) => (place <= at ? place : place >= at + removed ? place + shift : at);
  return { start: moved(start), end: moved(end) };
};
