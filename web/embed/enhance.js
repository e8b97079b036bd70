// What any form of ours does when it is sent: one request that can be repeated safely, and an honest word about it.

import { make } from "./dom.js";
import { request } from "./request.js";

let count = 0;

/**
 * Intercepts `form`'s submit. What the visitor typed stays until the server has confirmed it. `variant` is the one shown: a page's
 * own form shows none, unless the page says so, and counts for no experiment.
 */
export const enhance = (form, { texts, locale }, url, variant) => {
  const shown = Date.now();
  const alert = make("div", { className: "orilla-alert", role: "alert", tabIndex: -1 });
  let filled, key;

  form.append(alert);
  form.noValidate = true;

  const say = (text, errors = []) => {
    for (const control of form.elements) {
      control.note?.remove();
      control.ariaInvalid = null;
    }
    alert.replaceChildren(text, ...errors.map(({ field, message }) => {
      const id = "orilla-" + count++;
      const control = form.querySelector(`[name="${field}"]`);
      if (control) {
        control.ariaInvalid = true;
        // The page's own hint goes on being read, after what is wrong.
        control.hint ??= control.getAttribute("aria-describedby") || "";
        control.setAttribute("aria-describedby", id + " " + control.hint);
        control.note = make("p", { className: "orilla-error", id }, message);
        (control.closest("label") || control).before(control.note);
      }
      return make("a", { href: "#" + id, onclick: (event) => {
        event.preventDefault();
        control?.focus();
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
    if (filled != (filled = JSON.stringify(values))) key = "" + crypto.getRandomValues(new Uint8Array(16));
    const body = JSON.stringify({
      ...values,
      _locale: locale,
      _variant: variant,
      _page: location.href,
      _referrer: document.referrer,
      _elapsed_ms: Date.now() - shown,
      _webdriver: navigator.webdriver,
      _idempotency_key: key,
    });
    say(texts.sending);
    form.ariaBusy = true;
    const answer = await request(url + "/submissions", { method: "POST", keepalive: body.length < 2e4, body });
    form.ariaBusy = false;
    say(answer.message || answer.detail || texts[navigator.onLine ? "failed" : "offline"], answer.errors);
    if (answer.ok) {
      form.dispatchEvent(new CustomEvent("orilla:sent", { bubbles: true, detail: answer }));
      if (answer.next) location = answer.next;
      form.replaceChildren(alert, answer.download ? make("a", { href: answer.download }, texts.download) : "");
    }
    alert.focus();
  });
};
