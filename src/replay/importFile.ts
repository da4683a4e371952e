import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { fileErrorInWords } from "../platform/fileErrors.ts";

/** The exports of a file, by name, and the SHA-256 of its text; files that it imports are not in it. */
export type ImportedFile = { readonly exported: Readonly<Record<string, unknown>>; readonly digest: string };

/**
 * Imports a TypeScript or JavaScript file of the user, without a build step. If no package.json declares the folder's modules as
 * ES modules, Node takes the file for CommonJS; then its exports are in a default export. `what` is the expected kind of file;
 * rejects with an Error for people.
 */
export async function importFile(path: string, what: string): Promise<ImportedFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${path}: ${fileErrorInWords(error)}`);
  }
  const unregister = await loadTypeScript();
  try {
    const exported = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
    const { default: single } = exported;
    const names = Object.keys(exported).filter((name) => name !== "default" && name !== "module.exports");
    const isCommonJs = names.length === 0 && typeof single === "object" && single !== null;
    return { exported: isCommonJs ? { ...single } : exported, digest: hash("sha256", text, "hex") };
  } catch (error) {
    throw new Error(`${path} is no ${what}: ${(error as Error).message}`, { cause: error });
  } finally {
    unregister();
  }
}

let esModules: Promise<unknown> | undefined;

/** Lets tsx load ES modules from now on, which Node cannot take back, and others until the result is called. */
async function loadTypeScript(): Promise<() => void> {
  // Only here: most processes import no such file, and tsx takes a tenth of a second.
  esModules ??= import("tsx/esm/api").then(({ register }) => register({ tsconfig: false }));
  await esModules;
  return (await import("tsx/cjs/api")).register();
}
