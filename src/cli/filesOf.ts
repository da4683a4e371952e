import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The extensions of the files that are taken from folders; a file given by name may have any. A .json beside books describes them
 * or belongs to a tool, and is no book.
 */
const books = /\.(?:txt|epub|jsonl|ndjson)$/iu;
/** Hidden files, and what macOS puts beside each file. */
const hidden = /(?:^|[\\/])(?:\.|__MACOSX[\\/])/u;

/** The files of the given paths, with folders searched recursively in order of names. Missing paths are kept. */
export async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) files.push(path);
    else {
      const names = await readdir(path, { recursive: true });
      const found = names.filter((name) => books.test(name) && !hidden.test(name)).sort();
      for (const name of found) files.push(join(path, name));
    }
  }
  return files;
}
