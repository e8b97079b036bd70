// The file for pages with `<div data-orilla-form>`: from a form's definition to a plain `<form>`. What makes it behave is `enhance`'s,
// which comes with the first file.

import { make } from "./dom.js";

/** One field or consent, labelled. `rest` is spelt like HTML, so it is assigned as it comes. */
const control = ({ type = "checkbox", label, text = label, link, help = "", options, ...rest }) => {
  const caption = make("span", 0, text, " ", link ? make("a", { href: link.url }, link.text) : "");
  return options && type != "select"
    ? make("fieldset", 0, make("legend", 0, caption),
        ...options.map(({ label, value }) => make("label", 0, make("input", { type, ...rest, value, checked: value == rest.value }), label)))
    : type == "checkbox"
      ? make("label", 0, make("input", { type, ...rest }), caption)
      : make("label", 0, caption, make("small", 0, help),
          options
            ? make(type, rest, new Option(), ...options.map(({ label, value }) => new Option(label, value, false, value == rest.value)))
            : type == "textarea" ? make(type, rest) : make("input", { type, ...rest }));
};

/** Fills `host` with the form, makes it work, and counts the exposure unless the page chose the variant itself. */
window.orilla.render = (host, view, url, preview, enhance) => {
  const form = make("form", { lang: view.locale },
    make("h2", 0, view.headline),
    make("p", 0, view.intro || ""),
    // The decoy comes last; the style sheet, which knows it by its name, keeps people from it.
    ...[...view.fields, ...view.consents, { type: "text", name: view.decoy || "", label: view.texts.decoy, autocomplete: "off" }].map(control),
    make("button", 0, view.submit));
  host.replaceChildren(form);
  enhance(form, view, url, view.variant);
  preview || navigator.sendBeacon(url + "/exposures", JSON.stringify({ variant: view.variant }));
};
