import { rename, writeFile } from "node:fs/promises";

/** Where a file is written before it takes its place; a crash may leave it. */
export const partialOf = (path: string) => `${path}.partial`;

/** Writes a file in one step: a reader, also after a crash, finds the old text or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(partialOf(path), text, { flush: true });
  await rename(partialOf(path), path);
}
