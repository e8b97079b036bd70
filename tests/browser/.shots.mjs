import { standIn } from "/work/main/tests/browser/chat-stand-in.mjs";
import { widget } from "/work/main/tests/browser/chat-support.mjs";
import { browser, open } from "/work/main/tests/browser/support.mjs";
import { readFile } from "node:fs/promises";
const s = await standIn(); const c = await browser();
const out = "/work/shots"; 
const page = async (lang, options) => {
  s.html = await readFile(`/work/main/web/dist/demo/${lang === "en" ? "en/" : ""}index.html`, "utf8");
  const p = await open(c, options); await p.goto(s.url + "/demo"); await widget(p, lang).launch.waitFor(); await p.waitForTimeout(400); return [p, widget(p, lang)];
};
const shot = async (p, name) => { await p.waitForTimeout(350); await p.screenshot({ path: `${out}/chat-${name}.png` }); };
for (const [name, o, lang] of [["1280-light", { colorScheme: "light", viewport: { width: 1280, height: 800 } }, "es"], ["390-dark", { colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, "es"], ["320-light-en", { colorScheme: "light", viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true }, "en"], ["1280-dark-en", { colorScheme: "dark", viewport: { width: 1280, height: 800 } }, "en"]]) {
  s.hours = "2026-11-30T08:00:00Z"; s.faults.length = 0;
  const [p, w] = await page(lang, o);
  await shot(p, name + "-0-closed");
  await w.open(); await shot(p, name + "-1-empty");
  await w.say(lang === "es" ? "Hola, ¿cuánto cuesta para cuatro instructores?" : "Hello, what is the price for four instructors?"); await w.log.locator(".turn.bot").first().waitFor(); await shot(p, name + "-2-answer");
  await w.say("¿Puedo cambiar?"); await w.hears("bot", "¿Te refieres"); await shot(p, name + "-3-choices");
  s.pause = 4000; await w.say("gracias"); await p.waitForTimeout(900); await shot(p, name + "-4-writing"); await w.hears("bot", "De nada"); s.pause = 0;
  await w.button(w.words.person).click(); await w.hears("notice", "He pasado"); await p.waitForTimeout(300); await shot(p, name + "-5-handoff");
  s.writes("Hola, soy Inés. ¿Te paso un presupuesto para los cuatro?"); await w.hears("agent", "Inés"); await w.say("Sí, por favor"); await p.waitForTimeout(500); await shot(p, name + "-6-agent");
  s.faults.push({ status: 429, headers: { "retry-after": "40" } }); await w.say("¿Y cuándo empiezo?"); await w.failure.waitFor(); await shot(p, name + "-7-wait");
  await p.context().close();
}
await c.close(); process.exit();
