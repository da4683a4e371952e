import { resolve } from "node:path";
import { Option } from "commander";

/**
 * `--export`, once for each folder: an option that takes several values at once would take what stands behind it too, such as the query.
 */
export function foldersOption(description: string): Option {
  return new Option("--export <folder>", `${description}; repeat it for several`).argParser(
    (folder: string, before: readonly string[] | undefined) => [...(before ?? []), resolve(folder)],
  );
}
