// The text that is written, and what is marked in it. A textarea stays what it is, to keyboards, screen readers and spelling checkers; behind it
// stands the same text once more, unread and unseen, whose ranges the browser highlights. The ranges are live: they go along with what is typed.

import { change, follow, toUnits } from "./offsets.js";

/** From weak to strong: where marks meet, the later one shows. */
const KINDS = ["ok", "bad", "active"];
/** Beyond so many marks a text is a carpet. Chosen: more than anybody follows. */
const MOST_MARKS = 2000;
/** What is longer than this share of the text is not a place in it. Chosen: nobody looks for most of a page. */
const MOST_OF_TEXT = 0.6;
/** Where in the paper a place is shown that was out of sight. Chosen: a line or two of what leads to it stand above. */
const SHOWN_AT = 1 / 4;

const highlights = CSS.highlights && Object.fromEntries(KINDS.map((kind, priority) => [kind, Object.assign(new Highlight(), { priority })]));
for (const kind in highlights) CSS.highlights.set(`editor-${kind}`, highlights[kind]);

/** The paper `box`, with its textarea and its mirror in it. */
export const paper = (box, area, mirror) => {
  const text = document.createTextNode("");
  mirror.append(text);

  /** Takes over what stands in the textarea. */
  const read = () => {
    if (text.data === area.value) return;
    const { start, removed, added } = change(text.data, area.value);
    text.replaceData(start, removed, added);
  };

  /** Ranges for spans of a text that was sent, which may have changed since; a span that is no place, or gone, has none. */
  const ranges = (sent, spans) => {
    const since = change(sent, text.data);
    return toUnits(sent, spans).map((span) => {
      const { start, end } = follow(span, since);
      const range = new Range();
      range.setStart(text, start);
      range.setEnd(text, end);
      return range.collapsed || end - start > text.length * MOST_OF_TEXT ? undefined : range;
    });
  };

  const mark = (kind, marked) => {
    if (!highlights) return;
    highlights[kind].clear();
    for (const range of marked.slice(0, MOST_MARKS)) highlights[kind].add(range);
  };

  /** Brings a place into the paper's sight. */
  const show = (range) => {
    const place = range.getClientRects()[0] ?? range.getBoundingClientRect();
    const { top, height } = box.getBoundingClientRect();
    const at = place.top - top;
    if (at >= 0 && place.bottom - top <= height) return;
    box.scrollBy({ top: at - height * SHOWN_AT, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
  };

  /** Puts the cursor there, with the place selected. */
  const select = (range) => {
    area.focus({ preventScroll: true });
    area.setSelectionRange(range.startOffset, range.endOffset);
    show(range);
  };

  read();
  return { read, ranges, mark, show, select };
};
