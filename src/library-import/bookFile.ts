import { type FileHandle, open } from "node:fs/promises";
import { UnusableBookFile } from "./parsedBook.ts";

/** Opens a regular file for the time of `work`. Rejects with UnusableBookFile if there is none or it cannot be read. */
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

/** As `withBookFile`, for those who close the file themselves. `size` is in bytes and never 0. */
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

/** Refuses a file that is larger than `limit` bytes. */
export function refuseLarger(size: number, limit: number): void {
  if (size > limit) throw new UnusableBookFile(`is larger than ${Math.floor(limit / (1024 * 1024))} MiB`);
}

/** Runs `work` and gives the message of an UnusableBookFile that it throws the file's path to begin with. */
export async function namingFile<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw named(path, error);
  }
}

/** The error; an UnusableBookFile with the file's path before its message. */
export function named(path: string, error: unknown): unknown {
  return error instanceof UnusableBookFile ? new UnusableBookFile(`${path}: ${error.message}`) : error;
}
