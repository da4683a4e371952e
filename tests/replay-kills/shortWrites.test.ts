import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("programs/textFile.ts", import.meta.url));

// A limit on the size of files does what a disk does that is getting full: write(2) writes a part, and only the next call fails.
test.each(["csv", "ndjson"])(
  "%s: of a file that the system takes a part of nothing is left in its place",
  async (format) => {
    const folder = await mkdtemp(join(tmpdir(), "heima-short-"));
    const write = async (limit: string) => {
      const command = `trap '' XFSZ; ${limit} exec "$0" --import tsx "$@"`;
      const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, program, folder, format], {
        // What it would cache would be cut off, too.
        env: { ...process.env, TSX_DISABLE_CACHE: "1" },
      });
      return stdout.trim();
    };
    try {
      expect(await write("ulimit -f 8;")).toBe("EFBIG");
      expect(await readdir(folder)).toEqual([".unfinished"]);
      expect(await write("")).toBe("ok");
      expect((await readdir(folder)).sort()).toEqual([".unfinished", "day"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  240_000,
);
