import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * The start time of the process, as the system writes it, or null when there is no such process or it is a zombie. With the pid it
 * distinguishes a process from a later one with the same pid.
 */
export function beginningOf(pid: number): string | null {
  if (process.platform !== "linux") return beginningByPs(pid);
  try {
    // proc(5): the name, in brackets, may contain anything; state is the first field after it, starttime the twentieth.
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return state === "Z" ? null : (fields[18] ?? null);
  } catch {
    return null;
  }
}

function beginningByPs(pid: number): string | null {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8", stdio: "pipe" }).trim() || null;
  } catch {
    return null;
  }
}

/** The name under which the process's program was started, its first 15 bytes; null when there is no such process. */
export function programOf(pid: number): string | null {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
    return execFileSync("ps", ["-o", "ucomm=", "-p", `${pid}`], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return null;
  }
}
