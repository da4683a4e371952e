import { chmod, chown, copyFile, lstat, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Copies a file or a folder with its owner and mode (the owner only as root), in the order of names. Files that disappear during
 * the copy are left out, and so are those whose paths below `from` `leaveOut` accepts.
 */
export async function copyTree(
  from: string,
  to: string,
  leaveOut: (path: string) => boolean = () => false,
  below = "",
): Promise<void> {
  const source = join(from, below);
  const target = join(to, below);
  try {
    const found = await lstat(source);
    if (found.isSymbolicLink()) return await symlink(await readlink(source), target);
    if (found.isDirectory()) {
      await mkdir(target, { recursive: true });
      for (const name of (await readdir(source)).sort()) {
        const path = join(below, name);
        if (!leaveOut(path)) await copyTree(from, to, leaveOut, path);
      }
    } else if (found.isFile()) await copyFile(source, target);
    else return;
    await chmod(target, found.mode & 0o7777);
    if (process.geteuid?.() === 0) await chown(target, found.uid, found.gid);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" || path !== source) throw error;
  }
}
