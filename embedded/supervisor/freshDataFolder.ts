import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

/** Makes a folder for a stack in `parent`, named after the second and a random part, since two may start in one second. Returns its path. */
export function freshDataFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-`));
  // Of mkdtemp only the owner could enter. If root starts the stack, Postgres runs as another user; files with secrets are private themselves.
  chmodSync(folder, 0o755);
  return folder;
}
