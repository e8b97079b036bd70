// From a form's definition to a plain `<form>`; what makes it behave is `enhance`'s.

import { make } from "./dom.js";
import { enhance } from "./enhance.js";

/** One field or consent, labelled. `rest` is spelt like HTML, so it is assigned as it comes. */
const control = ({ type = "checkbox", label, text = label, link, help = "", options, ...rest }) => {
  const caption = make("span", 0, text, " ", link ? make("a", { href: link.url }, link.text) : "", rest.required ? " *" : "");
  const box = (own) => make("input", { type, ...rest, ...own });
  return type == "checkbox" && !options
    ? make("label", 0, box(), caption)
    : options && type != "select"
      ? make("fieldset", 0, make("legend", 0, caption),
          ...options.map(({ label, value }) => make("label", 0, box({ value, checked: value == rest.value }), label)))
      : make("label", { hidden: type == "hidden" }, caption, make("small", 0, help),
          options
            // The second assignment sets a select's value once its options are there.
            ? Object.assign(make(type, rest, new Option(), ...options.map(({ label, value }) => new Option(label, value))), rest)
            : type == "textarea" ? make(type, rest) : box());
};

/** Fills `host` with the form, makes it work, and counts the exposure unless the page chose the variant itself. */
export const render = (host, view, url, preview) => {
  const form = make("form", { lang: view.locale },
    make("h2", 0, view.headline),
    make("p", 0, view.intro || ""),
    ...[...view.fields, ...view.consents].map(control),
    make("label", { ariaHidden: true }, view.texts.decoy, make("input", { name: view.decoy || "", autocomplete: "off", tabIndex: -1 })),
    make("button", 0, view.submit));
  host.replaceChildren(form);
  enhance(form, view, url, view.variant);
  preview || navigator.sendBeacon(url + "/exposures", JSON.stringify({ variant: view.variant }));
};
