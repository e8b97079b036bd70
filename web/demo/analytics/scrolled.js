// A table that may be wider than the page scrolls in a region of its own, by keyboard too.

import { make } from "../../embed/dom.js";

export const scrolled = (name, table) => make("div", { className: "scrolled", tabIndex: 0, role: "region", ariaLabel: name }, table);
