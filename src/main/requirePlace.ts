import { rm, stat, writeFile } from "node:fs/promises";

/** Rejects with an Error for people unless a file can be written there: what is to be written in it may take hours. */
export async function requirePlace(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw new Error(`${file} is a folder: name a file in it`);
  const trial = `${file}.unfinished`;
  try {
    await writeFile(trial, "");
  } catch (error) {
    throw new Error(`${file} cannot be written: ${(error as Error).message}`);
  }
  await rm(trial, { force: true });
}
