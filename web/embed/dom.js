// The one way this script makes elements: by property, so nothing is ever parsed from a string.

/** An element with these properties and children (elements or text). */
export const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
