// What the local servers share: ending with their parent, and the demo keys that pages of the development server read.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Chosen: a cron trigger fires once a minute at most, and nobody developing waits that long for a webhook. */
export const TICK_MS = 1000;

/** Miniflare's `handleRuntimeStdio`: all that workerd says goes to standard error, since standard output is for the caller. */
export function toStandardError(stdout, stderr) {
  stdout.pipe(process.stderr);
  stderr.pipe(process.stderr);
}

/** Calls `stop` once: on SIGTERM, SIGINT, or when standard input closes, which happens when the parent ends in whatever way. */
export function onEnd(stop) {
  let isStopping = false;
  const once = async () => {
    if (isStopping) return;
    isStopping = true;
    await stop();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, once);
  process.stdin.on("end", once).on("error", once).resume();
  return { stop: once, isStopping: () => isStopping };
}

/** The demo keys as JSON text, or null before they exist. */
export async function readKeys(file) {
  try {
    return await readFile(file, "utf8");
  } catch {
    return null;
  }
}

/** Runs `work` again and again, one run at a time, until the server stops. */
export async function everyTick(end, name, work) {
  while (!end.isStopping()) {
    await new Promise((done) => setTimeout(done, TICK_MS));
    if (end.isStopping()) return;
    try {
      await work();
    } catch (error) {
      if (!end.isStopping()) console.error(`the tick of ${name} failed: ${error.message ?? error}`);
    }
  }
}
