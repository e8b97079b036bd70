// Where things stand in a chart. Pure.

/** The end of an axis from zero: an even number, so that its middle is a whole one. */
export const ceiling = (highest) => {
  const size = 10 ** Math.floor(Math.log10(Math.max(highest, 1)));
  const step = [size > 1 ? 1 : 2, 2, 4, 6, 8, 10].find((step) => step * size >= highest);
  return step * size;
};

/** Percent from the left of each of `places` places. */
export const across = (place, places) => (places > 1 ? (100 * place) / (places - 1) : 0);

/** Percent from the top. */
export const down = (value, top) => 100 * (1 - value / top);

/** The `d` of a line through these values. */
export const line = (values, places, top) => values.map((value, place) => `${place ? "L" : "M"}${round(across(place, places))} ${round(down(value, top))}`).join("");

const round = (value) => Math.round(value * 100) / 100;
