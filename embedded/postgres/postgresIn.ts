import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { mayRunIn, processesIn } from "../leftOver.ts";

const program = "postgres";

/**
 * The processes of a Postgres that runs in a data folder, whoever started it: those that the system shows there, or else the one
 * that `postmaster.pid` names, if it is a Postgres and not known to run elsewhere. After a SIGKILL the file remains, and its pid
 * may be reused.
 */
export async function postgresIn(dataDir: string): Promise<readonly number[]> {
  const shown = await processesIn(dataDir, program);
  if (shown.length > 0) return shown;
  const file = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  // A single-user server writes a negative pid.
  const pid = Math.abs(Number.parseInt(file, 10));
  return pid > 0 && (await mayRunIn(dataDir, program, pid)) ? [pid] : [];
}
