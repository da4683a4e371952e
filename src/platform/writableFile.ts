import { fstatSync } from "node:fs";
import { readlink, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileErrorInWords } from "./fileErrors.ts";

/**
 * The path of the file to be written: what a symbolic link stands for, so that the link stays when a new file takes the old one's place. Rejects
 * with an Error for people unless a file can be written there: what is to be written in it may take hours.
 */
export async function requireWritable(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (await isStandardOutput(file)) throw new Error(`${file} is where the output goes: name a file`);
  if (found?.isDirectory()) throw new Error(`${file} is a folder: name a file in it`);
  if (found?.isFile() === false) throw new Error(`${file} is a pipe or a device: name a file`);
  try {
    const path = await fileBehind(file);
    const trial = `${path}.unfinished`;
    await writeFile(trial, "");
    await rm(trial, { force: true });
    return path;
  } catch (error) {
    throw await cannotWrite(file, error);
  }
}

/** Returns whether the file is a pipe, a terminal or a device such as /dev/null, which is written to without replacing it. */
export async function isPipeOrDevice(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

const namesOfStandardOutput: readonly string[] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/**
 * Returns whether an absolute path stands for the standard output of this process, or for the file into which a shell has
 * redirected that.
 */
export async function isStandardOutput(file: string): Promise<boolean> {
  if (namesOfStandardOutput.includes(file)) return true;
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (found === undefined) return false;
  const { dev, ino } = fstatSync(1, { bigint: true });
  return found.dev === dev && found.ino === ino;
}

/** The file that a path stands for through symbolic links, also if it is not there yet. */
async function fileBehind(path: string, maxLinks = 40): Promise<string> {
  const link = await readlink(path).catch(() => undefined);
  if (link === undefined) return path;
  if (maxLinks === 0) throw new Error(`${path} is a symbolic link that leads to itself`);
  return fileBehind(resolve(dirname(path), link), maxLinks - 1);
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
