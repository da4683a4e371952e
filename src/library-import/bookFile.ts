import { type FileHandle, open } from "node:fs/promises";
import { UnusableBookFile } from "./parsedBook.ts";

/** Opens a regular file for the duration of `work`. Rejects with UnusableBookFile if it is missing or cannot be read. */
export async function withBookFile<Result>(
  path: string,
  work: (file: FileHandle, size: number) => Promise<Result>,
): Promise<Result> {
  const { file, size } = await openBookFile(path);
  try {
    return await work(file, size);
  } finally {
    await file.close();
  }
}

/** Like `withBookFile`, but the caller closes the file. `size` is in bytes and never 0. */
export async function openBookFile(path: string): Promise<{ readonly file: FileHandle; readonly size: number }> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new UnusableBookFile(error.code === "ENOENT" ? "there is no such file" : `cannot be read (${error.code})`);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new UnusableBookFile(stat.isDirectory() ? "is a directory" : "is not a file");
    if (stat.size === 0) throw new UnusableBookFile("is empty");
    return { file, size: stat.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Refuses a file larger than `limit` bytes. */
export function refuseLarger(size: number, limit: number): void {
  if (size > limit) throw new UnusableBookFile(`is larger than ${Math.floor(limit / (1024 * 1024))} MiB`);
}

/** Runs `work`, and prefixes the message of an UnusableBookFile with the file's path. */
export async function namingFile<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw named(path, error);
  }
}

/** The error; for an UnusableBookFile with the file's path before its message. */
export function named(path: string, error: unknown): unknown {
  return error instanceof UnusableBookFile ? new UnusableBookFile(`${path}: ${error.message}`) : error;
}
