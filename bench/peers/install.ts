import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const own = createRequire(import.meta.url);
const emmettPackages = ["emmett", "emmett-esdb", "emmett-expressjs"].map((name) => `@event-driven-io/${name}`);

/**
 * Installs a release of Emmett, with the project's version of the official client, into a separate folder; resolves with its
 * version of Express.
 */
export function installEmmett(folder: string, release: string): { readonly express: string } {
  mkdirSync(folder, { recursive: true });
  const client = versionIn(dirname(own.resolve("@eventstore/db-client/package.json")));
  const dependencies = {
    ...Object.fromEntries(emmettPackages.map((name) => [name, release])),
    "@eventstore/db-client": client,
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...quietly], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return { express: versionIn(join(folder, "node_modules", "express")) };
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
