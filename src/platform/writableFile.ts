import { rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileErrorInWords } from "./fileErrors.ts";

/** Rejects with an Error for people unless a file can be written there: what is to be written in it may take hours. */
export async function requireWritable(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw new Error(`${file} is a folder: name a file in it`);
  const trial = `${file}.unfinished`;
  try {
    await writeFile(trial, "");
  } catch (error) {
    throw await cannotWrite(file, error);
  }
  await rm(trial, { force: true });
}

/** The Error for people when writing a file has failed. */
export async function cannotWrite(file: string, error: unknown): Promise<Error> {
  const folder = dirname(file);
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return new Error(
    isThere ? `${file} cannot be written: ${fileErrorInWords(error)}` : `${folder} is no folder: make it first`,
    { cause: error },
  );
}
