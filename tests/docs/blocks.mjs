// The fenced blocks of a Markdown file, with what stands around them: whose file and line they are, what should come of them, and, where they
// are not run, why.
//
//   ```sh                       the language, and words that only tests read, such as `js browser` or `md kb/price.en.md`
//   curl …                      `# → 422`, `// → text`: what should come of it; `…` stands for anything
//   ```
//   <!-- → event Signed Up -->  more of that, where it would be in the way inside
//
// A block that needs what no test has says so to its readers, in the line above it: `*Not run by our tests: it needs an account.*`

/** What a reader sees above a block that is not run, in either language. The reason is part of it. */
const NOT_RUN = /^\*(?:Not run by our tests|Nuestras pruebas no lo ejecutan): (\S.+)\*$/;
const EXPECTED = /^<!-- → (.+) -->$/;
const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;
/** Where each language's comments begin. */
const COMMENTS = { js: "//", jsx: "//", ts: "//", sh: "#" };

/** Every block of a text, in order. Throws where a fence is never closed. */
export const blocks = (file, text) => {
  const lines = text.split("\n");
  const found = [];
  let above = "";
  for (let at = 0; at < lines.length; at++) {
    const [, indent, fence, info] = FENCE.exec(lines[at]) ?? [];
    if (!fence) {
      above = lines[at].trim() || above;
      continue;
    }
    const end = lines.findIndex((line, number) => number > at && line.trim().startsWith(fence) && !line.trim().slice(fence.length));
    if (end < 0) throw new Error(`${file}:${at + 1}: this block is never closed`);
    const [language = "", ...words] = info.trim().split(/\s+/);
    const code = lines.slice(at + 1, end).map((line) => line.replace(new RegExp(`^${indent}`), "")).join("\n");
    const [, reason] = NOT_RUN.exec(above) ?? [];
    const block = { file, line: at + 1, language, words, code, reason, expected: within(language, code), after: [] };
    at = end;
    while (EXPECTED.test(lines[at + 1]?.trim())) block.after.push(EXPECTED.exec(lines[++at].trim())[1]);
    found.push(block);
    above = "";
  }
  return found;
};

/** What its comments say should come of a block. */
const within = (language, code) => {
  const mark = COMMENTS[language];
  return mark ? code.split("\n").flatMap((line) => line.split(`${mark} → `).slice(1, 2)) : [];
};

/** Whether a text holds what was expected, one after the other: white space aside, and `…` for anything. Gives the first that it lacks. */
export const lacks = (text, expected) => {
  const plain = (words) => words.replace(/\s+/g, "");
  let rest = plain(text);
  for (const one of expected) {
    const pattern = plain(one).split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*?");
    const hit = new RegExp(pattern).exec(rest);
    if (!hit) return one;
    rest = rest.slice(hit.index + hit[0].length);
  }
  return undefined;
};

/** Whether an answer has what an example of it shows: each member there, lists as long, `…` for anything. */
export const holds = (answer, example) => {
  if (typeof example === "string") return typeof answer === "string" ? lacks(answer, [example]) === undefined : example === "…";
  if (Array.isArray(example)) return Array.isArray(answer) && answer.length === example.length && example.every((one, at) => holds(answer[at], one));
  if (example && typeof example === "object") return Boolean(answer) && Object.entries(example).every(([name, value]) => name in answer && holds(answer[name], value));
  return answer === example;
};
