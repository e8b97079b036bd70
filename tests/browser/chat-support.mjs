// What tests of the chat share: the widget's parts as a person finds them, whatever server stands behind it.

/** What the widget says by itself, as far as tests look for it. */
export const WORDS = {
  es: { launch: /^¿Dudas\?/, title: "Pregúntanos", ask: "Escribe tu pregunta", send: "Enviar", close: "Cerrar el chat", person: "Hablar con una persona", retry: "Intentar de nuevo", yes: "Sí", no: "No", leave: "Dejar mi correo" },
  en: { launch: /^Questions\?/, title: "Ask us", ask: "Write your question", send: "Send", close: "Close the chat", person: "Talk to a person", retry: "Try again", yes: "Yes", no: "No", leave: "Leave my email" },
};

/** The widget of a page. */
export const widget = (page, locale = "es") => {
  const words = WORDS[locale];
  const root = page.locator("orilla-chat");
  const panel = root.getByRole("dialog", { name: words.title });
  const log = panel.getByRole("log");
  const input = panel.getByRole("textbox", { name: words.ask });
  const turns = (author) => log.locator(`.turn.${author} > p`);
  return {
    words,
    root,
    panel,
    log,
    input,
    turns,
    launch: root.getByRole("button", { name: words.launch }),
    badge: root.locator(".badge"),
    status: panel.locator("header p"),
    choices: log.locator(".choices"),
    failure: log.locator(".failure"),
    sources: log.getByRole("listitem"),
    email: log.getByRole("textbox"),
    button: (name) => panel.getByRole("button", { name, exact: true }),
    async open() {
      await root.getByRole("button", { name: words.launch }).click();
      await panel.waitFor();
    },
    /** Types a message and sends it, as a person does. */
    async say(text) {
      await input.fill(text);
      await input.press("Enter");
    },
    /** Until a turn of this author has this text, and nothing is on its way. */
    async hears(author, text) {
      await turns(author).filter({ hasText: text }).last().waitFor();
      await log.locator(".writing").waitFor({ state: "detached" });
    },
    /** Everything that was said, as [author, text]. */
    said: () => log.locator(".turn:not(.writing)").evaluateAll((turns) => turns.map((turn) => [turn.className.replace("turn ", ""), turn.querySelector("p").textContent])),
    /** What has the focus, inside the widget or in the page. */
    focused: () => page.evaluate(() => {
      const own = document.querySelector("orilla-chat").shadowRoot.activeElement;
      const found = own ?? document.activeElement;
      return (own ? "" : "page ") + (found.className || found.localName);
    }),
  };
};
