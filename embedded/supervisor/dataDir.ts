import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beginningOf } from "./processIdentity.ts";

/**
 * Makes the data folder and takes it for this process; rejects when another supervisor lives in it. What a killed one
 * left is taken over. The returned function gives the folder back.
 */
export async function takeDataDir(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "supervisor.lock");
  const mine = `${process.pid} ${beginningOf(process.pid)}`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(file, mine, { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const [pid = "", ...beginning] = (await readFile(file, "utf8").catch(() => "")).split(" ");
    if (beginning.length > 0 && beginningOf(Number(pid)) === beginning.join(" ")) {
      throw new Error(
        `${dir} is in use by the supervisor with process id ${pid}; stop it, or name another HEIMA_DATA_DIR`,
      );
    }
    // Of two that find a stale lock at once, one moves it away; the other fails here or at the next "wx".
    await rename(file, `${file}.stale`).catch(() => {});
  }
  throw new Error(`cannot take ${file}`);
}

/** Writes a file that only its owner may read, whole or not at all. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
