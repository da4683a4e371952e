import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What a folder is searched for; a file that is named itself may be called anything. */
const books = /\.(?:txt|epub|jsonl?)$/iu;
const beside = /\.info\.json$/iu;

/** The files that paths stand for, those of folders and their folders by name. A path that is not there stays as it is. */
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
      const found = names.filter((name) => books.test(name) && !beside.test(name)).sort();
      for (const name of found) files.push(join(path, name));
    }
  }
  return files;
}
