import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

/**
 * Creates a folder for a stack in `parent`, named after the second and a random part, since two may start in the same second.
 * Returns its path.
 */
export function freshDataFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-`));
  // Only the owner could enter a folder of mkdtemp. If root starts the stack, Postgres runs as another user; the files with secrets
  // are private.
  chmodSync(folder, 0o755);
  return folder;
}
