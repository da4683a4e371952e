import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { copyLog } from "../../embedded/backup/copyLog.ts";
import { copyTree } from "../../embedded/backup/copyTree.ts";
import { type EventLog, openLog } from "../../embedded/eventstore/log/log.ts";
import { newUuid } from "../../embedded/eventstore/wire/uuid.ts";

const root = mkdtempSync(join(tmpdir(), "heima-copy-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

const append = (log: EventLog, size: number) =>
  log.write({
    kind: "append",
    stream: "s",
    expected: "any",
    events: [
      { id: newUuid(), type: "T", isJson: false, customMetadata: Buffer.alloc(0), data: Buffer.alloc(size, "x") },
    ],
  });
const revisions = (folder: string): number | undefined => {
  const log = openLog(folder);
  try {
    return log.stream("s")?.ordinals.length;
  } finally {
    void log.close();
  }
};

/** Copies a file as the system does, part by part, and waits after the first part. */
async function copySlowly(from: string, to: string, meanwhile: () => Promise<unknown>): Promise<void> {
  const [source, target] = [openSync(from, "r"), openSync(to, "w")];
  const part = Buffer.alloc(64 * 1024);
  for (let at = 0; at < statSync(from).size; at += part.length) {
    writeSync(target, part, 0, readSync(source, part, 0, part.length, at), at);
    if (at === 0) await meanwhile();
  }
  closeSync(source);
  closeSync(target);
}

test("a copy has what was acknowledged when it was begun, and opens, also when it lacks a commit before others", async () => {
  const [folder, target] = [newFolder(), newFolder()];
  const log = openLog(folder);
  await append(log, 1_000);
  await copyLog(folder, target, (from, to) =>
    from.endsWith(".chunk")
      ? copySlowly(from, to, async () => {
          // Of the first the copy has the end, of the second all.
          await append(log, 100_000);
          await append(log, 1_000);
        })
      : copyTree(from, to),
  );
  await log.close();
  expect([revisions(folder), revisions(target)]).toEqual([3, 1]);
});

test("a copy that lacks what was acknowledged is refused", async () => {
  const [folder, target] = [newFolder(), newFolder()];
  const log = openLog(folder);
  await append(log, 1_000);
  await append(log, 1_000);
  const cutShort = async (from: string, to: string) => {
    await copyTree(from, to);
    if (to.endsWith(".chunk")) truncateSync(to, 1_500);
  };
  await expect(copyLog(folder, target, cutShort)).rejects.toThrow("but it was written up to");
  await log.close();
});

test("a copy of a log of several files, the last of them closed meanwhile, has all of them", async () => {
  const [folder, target] = [newFolder(), newFolder()];
  const log = openLog(folder, { chunkSize: 10_000 });
  for (let n = 0; n < 25; n++) await append(log, 1_000);
  await copyLog(folder, target, (from, to) =>
    from.endsWith("000002.chunk")
      ? copySlowly(from, to, async () => {
          for (let n = 0; n < 25; n++) await append(log, 1_000);
        })
      : copyTree(from, to),
  );
  await log.close();
  expect(revisions(target)).toBeGreaterThanOrEqual(25);
});
