import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The user that Postgres runs as: the files' owner, and the arguments of setpriv that make a child this user. */
export type Privileges = { readonly owner: { uid: number; gid: number } | null; readonly setpriv: readonly string[] };

/**
 * Postgres refuses to run as root, so root runs it as the system user `postgres`, created if missing. Any other user runs it as the
 * current user. `paths` are the folders that it must reach.
 */
export function postgresPrivileges(paths: readonly string[]): Privileges {
  if (process.getuid?.() !== 0) return { owner: null, setpriv: [] };
  const owner = postgresUser();
  const user = ["--reuid", `${owner.uid}`, "--regid", `${owner.gid}`, "--clear-groups"];
  return { owner, setpriv: paths.every(reachableByAll) ? user : [...user, ...passClosedFolders()] };
}

function postgresUser(): { uid: number; gid: number } {
  try {
    return ids();
  } catch {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", "postgres"]);
    return ids();
  }
}

const ids = () => ({ uid: idOf("-u"), gid: idOf("-g") });
const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }));

function reachableByAll(path: string): boolean {
  const parent = dirname(path);
  return parent === path || ((statSync(parent).mode & 0o001) !== 0 && reachableByAll(parent));
}

/**
 * A project under /root (mode 700) is closed to `postgres`. Opening /root or moving the data elsewhere would change the
 * machine; instead the server keeps, as its only capability, the right to traverse closed folders (CAP_DAC_READ_SEARCH). Docker's
 * default set lacks it and has the wider CAP_DAC_OVERRIDE, which is then used. The secure bit makes access(2), with which initdb checks its own
 * program, respect the capability.
 */
function passClosedFolders(): string[] {
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  const dacReadSearch = 1n << 2n;
  const right = (BigInt(`0x${bounding}`) & dacReadSearch) === 0n ? "+dac_override" : "+dac_read_search";
  return ["--securebits", "+no_setuid_fixup", "--inh-caps", right, "--ambient-caps", right];
}
