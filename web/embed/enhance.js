// What any form of ours does when it is sent: one request that can be repeated safely, and an honest word about it.

import { make } from "./dom.js";
import { request, unique } from "./request.js";
import { track } from "./track.js";

/**
 * Intercepts `form`'s submit. What the visitor typed stays until the server has confirmed it.
 *
 * `variant` is the one shown, and `render` has reported that it was. A page's own form looks the same to everybody, so it reports
 * no exposure: visitors whose variant made no difference would only blur the one that did. The page may still name a variant of its
 * own making; the lead then carries that name.
 */
export const enhance = (form, view, url, variant) => {
  const { texts, locale } = view;
  // Where the second file was loaded, it has the visitor solve the form's challenge first.
  const send = orilla.challenge?.(form, view, request) || request;
  const shown = Date.now();
  const alert = make("div", { className: "orilla-alert", role: "alert", tabIndex: -1 });
  let filled, key;

  const tell = (event) => track(event, { form: view.id, variant });

  form.append(alert);
  form.noValidate = true;
  form.addEventListener("input", () => tell("Form Started"), { once: true });

  const say = (text, errors = []) => {
    // Emptying answers nothing, which takes the mark away.
    for (const control of form.elements) control.ariaInvalid = control.note?.replaceChildren();
    alert.replaceChildren(text, ...errors.map(({ field, message }) => {
      const control = form.querySelector(`[name="${field}"]`);
      if (control) {
        control.ariaInvalid = true;
        if (!control.note) {
          control.note = make("p", { className: "orilla-error", id: unique() });
          (control.closest("label") || control).before(control.note);
          // The page's own hint goes on being read, after what is wrong.
          control.setAttribute("aria-describedby", control.note.id + " " + (control.getAttribute("aria-describedby") || ""));
        }
        control.note.append(message + " ");
      }
      return make("a", { href: "#" + field, onclick() {
        control?.focus();
        return false;
      } }, message);
    }));
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy == "true") return;
    const values = {};
    new FormData(form).forEach((value, name) => {
      values[name] = name in values ? [].concat(values[name], value) : value;
    });
    // A key is answered only together with its content.
    if (filled != (filled = JSON.stringify(values))) key = unique();
    say(texts.sending);
    form.ariaBusy = true;
    const answer = await send(url + "/submissions", {
      ...values,
      _locale: locale,
      _variant: variant,
      _page: location.href,
      _referrer: document.referrer,
      _elapsed_ms: Date.now() - shown,
      _webdriver: navigator.webdriver,
      _idempotency_key: key,
    });
    form.ariaBusy = false;
    say(answer.message || answer.detail || texts[answer.failure || "unavailable"].replace("{wait}", answer.wait), answer.errors);
    if (answer.ok) {
      tell("Form Submitted");
      form.dispatchEvent(new CustomEvent("orilla:sent", { bubbles: true, detail: answer }));
      if (answer.next) location = answer.next;
      form.replaceChildren(alert, answer.download ? make("a", { href: answer.download }, texts.download) : "");
    }
    alert.focus();
  });
};
