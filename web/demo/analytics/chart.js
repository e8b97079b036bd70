// One measure over time as a line from zero, beside the span before it; both are named where they end. A range input lies
// over it, so that a keyboard, a screen reader and a pointer walk through the points alike.

import { make } from "../../embed/dom.js";
import { across, ceiling, down, line } from "./scale.js";
import { counted, fill, number, words } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
/** Chosen: labels are 1.3 lines of 14 px apart at least, of the plot's 220 px. */
const LABEL_GAP = 9;

const shape = (tag, attributes, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
};

const placed = (element, x, y) => {
  if (x !== null) element.style.setProperty("left", `${x}%`);
  element.style.setProperty("top", `${y}%`);
  return element;
};

/** What stands at the end of the lines, moved apart where they would touch. */
const labels = (now, before, places, top) => {
  const ends = [["now", words.now, now]];
  if (before.length) ends.push(["before", words.earlier, before]);
  const heights = ends.map(([, , values]) => down(values.at(-1), top));
  if (ends.length === 2 && Math.abs(heights[0] - heights[1]) < LABEL_GAP) {
    const upper = heights[0] <= heights[1] ? 0 : 1;
    const middle = Math.max((heights[0] + heights[1]) / 2, LABEL_GAP / 2);
    heights[upper] = middle - LABEL_GAP / 2;
    heights[1 - upper] = middle + LABEL_GAP / 2;
  }
  return ends.map(([className, name, values], place) => placed(make("span", { className: `end ${className}`, ariaHidden: "true" }, `${name} `, make("b", {}, number(values.at(-1)))), across(values.length - 1, places), heights[place]));
};

/** The places that are named below the chart: the first, the last and one between, as there is room. */
const marks = (last, places) => {
  const reach = across(last, places);
  return [0, ...(reach > 60 ? [Math.round(last / 2)] : []), ...(reach > 20 ? [last] : [])];
};

/**
 * The children of the figure. `points` and `before` are values in order; `moments` the words for each point's time, `axis` the
 * short ones; the last point is still growing. `places` is how many points the whole width has.
 */
export const chart = ({ points, before, moments, axis, places, metric, interval }) => {
  const top = ceiling(Math.max(...points, ...before));
  const last = points.length - 1;
  const earlier = before.slice(0, points.length);
  const peak = points.indexOf(Math.max(...points));
  const moment = (place) => (place === last ? fill(words.unfinished, { moment: moments[place] }) : moments[place]);
  const value = (place) => counted(points[place], words.units[metric]);
  const read = (place) => fill(earlier[place] === undefined ? words.reading : words.readingBefore, { moment: moment(place), value: value(place), before: number(earlier[place] ?? 0) });

  const reading = make("p", { className: "reading" }, fill(words.peak, { value: value(peak), moment: moment(peak) }));
  const cursor = make("i", { className: "cursor", hidden: true });
  const walker = make("input", { type: "range", min: 0, max: last, value: last, className: "walker", ariaLabel: words.walk });
  const show = (place) => {
    walker.value = place;
    walker.ariaValueText = read(place);
    reading.textContent = read(place);
    cursor.hidden = false;
    cursor.style.setProperty("left", `${across(place, places)}%`);
  };
  walker.ariaValueText = read(last);
  walker.oninput = () => show(Number(walker.value));
  walker.onfocus = () => show(Number(walker.value));
  walker.onpointermove = ({ clientX }) => {
    const { left, width } = walker.getBoundingClientRect();
    show(Math.max(0, Math.min(last, Math.round(((clientX - left) / width) * last))));
  };
  if (last > 0) walker.style.setProperty("width", `${across(last, places)}%`);

  const solid = line(points.slice(0, Math.max(last, 1)), places, top);
  const growing = last > 0 ? `M${across(last - 1, places)} ${down(points[last - 1], top)}L${across(last, places)} ${down(points[last], top)}` : "";
  const area = `${line(points, places, top)}L${across(last, places)} 100L0 100z`;
  const name = fill(words.chart, { metric: words.metrics[metric], interval: words.interval[interval], first: moments[0], last: moments[last] });
  return [
    make("figcaption", {}, reading),
    make("div", { className: "plot" },
      shape("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": name },
        ...[0, 50].map((y) => shape("path", { class: "grid", d: `M0 ${y}H100` })),
        shape("path", { class: "area", d: area }),
        shape("path", { class: "line before", d: line(earlier, places, top) }),
        shape("path", { class: "line now", d: solid }),
        shape("path", { class: "line growing", d: growing })),
      ...[[top, 0], [top / 2, 50]].map(([value, y]) => placed(make("span", { className: "tick", ariaHidden: "true" }, number(value)), null, y)),
      placed(make("i", { className: "dot" }), across(last, places), down(points[last], top)),
      cursor,
      ...labels(points, earlier, places, top),
      walker),
    make("div", { className: "axis", ariaHidden: "true" }, ...marks(last, places).map((place) => {
      const mark = make("span", {}, axis[place]);
      mark.style.setProperty("left", `${across(place, places)}%`);
      return mark;
    })),
  ];
};
