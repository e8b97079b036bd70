// Stores what the link chose as soon as somebody looks at the page; afterwards the button does. Without this script the button is a form's.
(() => {
  const form = document.querySelector("form");
  const told = document.querySelector("[role=status]");
  const button = form.querySelector("button");
  const say = (kind, text) => {
    told.dataset.kind = kind;
    told.textContent = text;
  };
  let isBusy = false;
  const send = async (body) => {
    if (isBusy) return;
    isBusy = true;
    button.setAttribute("aria-disabled", "true");
    say("", form.dataset.sending);
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), 15000);
    try {
      const headers = { "content-type": "application/json", accept: "application/json" };
      const answer = await fetch(form.action, { method: "POST", headers, body: JSON.stringify(body), signal: stop.signal });
      if (answer.ok) say("ok", form.dataset.stored.replace("{score}", String((await answer.json()).score)));
      else say("failed", answer.status === 410 ? form.dataset.closed : form.dataset.failed);
    } catch {
      say("failed", form.dataset.failed);
    } finally {
      clearTimeout(patience);
      isBusy = false;
      button.removeAttribute("aria-disabled");
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const filled = new FormData(form);
    send({ score: Number(filled.get("score")), comment: String(filled.get("comment")) });
  });
  // What is only fetched ahead, by a scanner or a browser, is looked at by nobody.
  const begin = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", begin);
    send({ score: Number(form.dataset.chosen) });
  };
  if (form.dataset.chosen) {
    document.addEventListener("visibilitychange", begin);
    begin();
  }
})();
