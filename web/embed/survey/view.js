// What the question looks like and how it is answered: a scale, then room for a word, then thanks. It knows nothing of servers.

import { make } from "../dom.js";

const WORDS = {
  es: {
    close: "Cerrar la pregunta",
    why: "¿Quieres contarnos por qué?",
    optional: "opcional",
    send: "Enviar",
    failed: "No se envió. Lo que elegiste sigue aquí: inténtalo de nuevo.",
    opened: "Una pregunta corta: ",
  },
  en: {
    close: "Close the question",
    why: "Would you tell us why?",
    optional: "optional",
    send: "Send",
    failed: "It was not sent. What you chose is still here: try again.",
    opened: "A short question: ",
  },
};
const SCALES = { nps: [0, 10], csat: [1, 5] };

/** The card in these words. `send(score, comment)` tells whether it arrived; `gone` takes the card away. */
export const card = (survey, { question, low, high, thanks }, locale, isCard, send, gone) => {
  const words = WORDS[locale] || WORDS.en;
  const [least, most] = SCALES[survey];
  let score;
  const choices = Array.from({ length: most - least + 1 }, (_, at) => {
    const value = least + at;
    const label = value == least ? `${value}, ${low}` : value == most ? `${value}, ${high}` : value;
    const input = make("input", { type: "radio", name: "score", value, required: true, ariaLabel: label, onchange: () => choose(value) });
    return make("label", 0, input, make("span", 0, value));
  });
  const comment = make("textarea", { rows: 2, maxLength: 2000 });
  const failure = make("p", { className: "failure", role: "alert" });
  const button = make("button", { className: "send" }, words.send);
  const more = make("div", { className: "more", hidden: true },
    make("label", 0, words.why, " ", make("small", 0, `(${words.optional})`), comment), button);
  const choose = (value) => {
    score = value;
    more.hidden = false;
  };
  const form = make("form", { onsubmit: async (event) => {
    event.preventDefault();
    if (button.ariaDisabled == "true") return;
    button.ariaDisabled = "true";
    failure.textContent = "";
    if (await send(score, comment.value)) {
      form.replaceWith(done);
      done.focus();
    } else {
      failure.textContent = words.failed;
      button.ariaDisabled = "false";
    }
  } },
    make("fieldset", 0,
      make("legend", { id: "question" }, question),
      make("div", { className: "scale " + survey }, ...choices),
      make("p", { className: "ends", ariaHidden: "true" }, make("span", 0, low), make("span", 0, high))),
    more, failure);
  const done = make("p", { className: "done", tabIndex: -1 }, thanks);
  const close = make("button", { type: "button", className: "close", ariaLabel: words.close, onclick: gone }, "×");
  // Told once, politely: the card takes nobody's focus.
  const told = make("p", { className: "unseen", role: "status" });
  const node = make("section", { className: isCard ? "card" : "", onkeydown(event) {
    if (event.key != "Escape" || event.isComposing || !isCard) return;
    event.stopPropagation();
    gone();
  } }, form, close, told);
  node.setAttribute("aria-labelledby", "question");
  return { node, begin: () => setTimeout(() => (told.textContent = words.opened + question), 100) };
};
