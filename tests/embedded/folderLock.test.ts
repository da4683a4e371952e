import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { lockFolder } from "../../embedded/folderLock.ts";
import { beginningOf } from "../../embedded/processIdentity.ts";

const root = mkdtempSync(join(tmpdir(), "heima-lock-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "folder-"));
});

const lock = (file = "lock") => lockFolder(folder, file, "go elsewhere");
/** What a killed owner leaves. */
const stale = "999999999 123";

test("one process holds a folder until it releases it; the message names the process", () => {
  const unlock = lock();
  expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid} ${beginningOf(process.pid)}`);
  expect(() => lock()).toThrow(`${folder} is in use by process ${process.pid}: go elsewhere`);
  lock("another lock")();
  unlock();
  expect(existsSync(join(folder, "lock"))).toBe(false);
  lock()();
});

test("a second release does not take it from another process", () => {
  const unlock = lock();
  unlock();
  const other = lock();
  unlock();
  expect(() => lock()).toThrow(`in use by process ${process.pid}`);
  other();
});

test("the lock of an owner that is gone, or of a later process with its pid, is taken over", () => {
  for (const left of [stale, `${process.pid} 1`, `${process.pid}`, "999999999 ", " ", ""]) {
    writeFileSync(join(folder, "lock"), left);
    expect(() => lock()(), left).not.toThrow();
  }
});

test("a living owner is heeded that only the file tells of, also one of an earlier release on macOS, without its beginning", () => {
  for (const beginning of [beginningOf(process.ppid), ""]) {
    writeFileSync(join(folder, "lock"), `${process.ppid} ${beginning}`);
    expect(() => lock()).toThrow(`in use by process ${process.ppid}`);
    rmSync(join(folder, "lock"));
    lock()();
  }
});

test("where the kernel gives no names at all the file holds the folder", () => {
  const listen = vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server) {
    return this;
  });
  onTestFinished(() => listen.mockRestore());
  const unlock = lock();
  expect(() => lock()).toThrow(`in use by process ${process.pid}`);
  unlock();
  lock()();
});

// Elsewhere there is only the file.
test.runIf(process.platform === "linux")(
  "of two that have both read what a killed owner left, one gets the folder",
  () => {
    writeFileSync(join(folder, "lock"), stale);
    const unlock = lock();
    // The other one still acts on what it read earlier.
    writeFileSync(join(folder, "lock"), stale);
    expect(() => lock()).toThrow(`${folder} is in use by another process`);
    unlock();
    lock()();
  },
);

test.runIf(process.platform === "linux")("a folder that was deleted is not mistaken for a new one in its place", () => {
  const unlocks = Array.from({ length: 20 }, () => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    return lock();
  });
  expect(unlocks).toHaveLength(20);
  for (const unlock of unlocks) unlock();
});
