// The demo site, but that its requests share commits.

import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DEMO = fileURLToPath(new URL("../../../sites/demo", import.meta.url));

/** Copies it below a folder; gives the copy's. */
export const sharingSite = async (folder) => {
  const site = join(folder, "site");
  await cp(DEMO, site, { recursive: true });
  const file = join(site, "site.toml");
  const text = await readFile(file, "utf8");
  const shared = text.replace(/^\[tracking\]$/m, "[tracking]\nshares_commits = true");
  if (shared === text) throw new Error("the demo site has no [tracking] table to add to");
  await writeFile(file, shared);
  return site;
};
