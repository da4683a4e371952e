import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The project's folder, with a slash at the end. */
export const project = fileURLToPath(new URL("../../", import.meta.url));

export const textOf = (path: string) => readFileSync(project + path, "utf8");

/** A YAML file, its anchors and merge keys resolved. Throws for a duplicate key. */
export const yamlOf = (path: string): unknown => parse(textOf(path), { merge: true, strict: true, uniqueKeys: true });

/** The versions of Node that are tested, the lowest first, as script/node-matrix names them. */
export function nodeVersions(): readonly string[] {
  const versions = /NODE_VERSIONS:-([\d. ]+)\}/.exec(textOf("script/node-matrix"))?.[1]?.split(" ");
  if (versions === undefined) throw new Error("script/node-matrix names no versions");
  return versions;
}
