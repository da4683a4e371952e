import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DamagedStore } from "../../../embedded/eventstore/storage/damage.ts";
import { encodeRecord, type StoredEvent, storedEvent } from "../../../embedded/eventstore/storage/record.ts";
import { openStore, type Store } from "../../../embedded/eventstore/storage/store.ts";
import { syncedDuring } from "../../support/syncedDuring.ts";
import { randomFrom, scaled, seed } from "./soak.ts";

const root = mkdtempSync(join(tmpdir(), "heima-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

/** Bytes, so that a few hundred events fill several chunks. */
const chunkSize = 20_000;

function open(folder: string): { store: Store; texts: string[] } {
  const texts: string[] = [];
  const visitor = { isPlain: () => false, event: (event: StoredEvent) => texts.push(textOf(event)), plainEvents };
  const store = openStore(folder, visitor, { chunkSize });
  return { store, texts };
}

function plainEvents(): void {
  throw new Error("no event is plain");
}

function textOf({ record }: StoredEvent): string {
  return /<\w[^<>]*>/.exec(record.toString("latin1"))?.[0] ?? "";
}

let revision = 0n;

/** Writes one commit of events with these texts. */
async function commit(store: Store, ...texts: string[]): Promise<void> {
  let position = store.nextPosition();
  const events = texts.map((text) => {
    const record = encodeRecord({
      id: Buffer.alloc(16, 1),
      stream: "s",
      revision: revision++,
      position,
      created: 1n,
      type: "T",
      isJson: true,
      customMetadata: Buffer.alloc(0),
      data: Buffer.from(text),
    });
    position += BigInt(record.length);
    return storedEvent(record);
  });
  await store.commit(events, position);
}

/** A closed store of some chunks, and its contents. */
async function written(commits: number): Promise<{ folder: string; texts: string[] }> {
  const folder = newFolder();
  const { store } = open(folder);
  const texts: string[] = [];
  for (let n = 0; n < commits; n++) {
    const some = Array.from({ length: 1 + (n % 4) }, (_, part) => `<${n}.${part} ${"x".repeat(n % 300)}>`);
    await commit(store, ...some);
    texts.push(...some);
  }
  store.close();
  return { folder, texts };
}

function copyOf(folder: string): string {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const chunksOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".chunk"))
    .toSorted();
const opening = (folder: string) => () => open(folder).store.close();

describe("a store", () => {
  it("has after a restart what was committed, over several chunks", async () => {
    const { folder, texts } = await written(200);
    expect(chunksOf(folder).length).toBeGreaterThan(3);
    const { store, texts: found } = open(folder);
    expect(found).toEqual(texts);
    expect(store.read(Array.from({ length: store.end() }, (_, ordinal) => ordinal)).map(textOf)).toEqual(texts);
    store.close();
  });

  it("continues at the position where it stopped, also after an empty commit", async () => {
    const { folder } = await written(3);
    const first = open(folder).store;
    await first.commit([], first.nextPosition() + 1n);
    const next = first.nextPosition();
    first.close();
    const second = open(folder).store;
    expect(second.nextPosition()).toBe(next);
    second.close();
  });

  it("drops what a crash left of a commit that was not acknowledged, wherever it broke off", async () => {
    const { folder, texts } = await written(20);
    const head = readFileSync(join(folder, "head"));
    const { store } = open(folder);
    const chunk = join(folder, chunksOf(folder).at(-1) as string);
    const before = statSync(chunk).size;
    await commit(store, "<torn>", "<also torn>");
    store.close();
    const { store: whole, texts: all } = open(folder);
    whole.close();
    const after = statSync(chunk).size;
    expect(all.slice(texts.length)).toEqual(["<torn>", "<also torn>"]);
    for (let size = before; size < after; size += scaled(7, 1)) {
      const copy = copyOf(folder);
      writeFileSync(join(copy, "head"), head);
      truncateSync(join(copy, chunksOf(copy).at(-1) as string), size);
      const { store: cut, texts: found } = open(copy);
      expect(found).toEqual(texts);
      await commit(cut, "<goes on>");
      cut.close();
      const { store: again, texts: now } = open(copy);
      expect(now).toEqual([...texts, "<goes on>"]);
      again.close();
      rmSync(copy, { recursive: true });
    }
  });
});

describe("what a killed process left in the memory of the system is on disk before it is served", () => {
  const inode = (...path: string[]) => statSync(join(...path)).ino;

  it("when it is a commit, which then counts as acknowledged", async () => {
    const { folder } = await written(3);
    const head = readFileSync(join(folder, "head"));
    const { store } = open(folder);
    await commit(store, "<not synced>");
    const end = store.nextPosition();
    store.close();
    writeFileSync(join(folder, "head"), head);
    let again: ReturnType<typeof open> | undefined;
    const synced = await syncedDuring(() => {
      again = open(folder);
    });
    expect(synced).toEqual([inode(folder, "000000.chunk"), inode(folder)]);
    expect(again?.texts).toContain("<not synced>");
    expect(readFileSync(join(folder, "head")).readBigUInt64BE(0)).toBe(end);
    again?.store.close();
  });

  it("when it is a seal, on which the next chunk follows", async () => {
    const { folder } = await written(3);
    const { store } = open(folder);
    await store.seal();
    store.close();
    rmSync(join(folder, "000001.chunk"));
    const synced = await syncedDuring(opening(folder));
    expect(synced).toEqual([inode(folder, "000000.chunk"), inode(folder, "000001.chunk"), inode(folder)]);
  });

  it("when it is the folder", async () => {
    const parent = newFolder();
    const synced = await syncedDuring(opening(join(parent, "eventstore")));
    expect(synced).toEqual(expect.arrayContaining([inode(root), inode(parent)]));
  });
});

describe("a damaged store is not opened, and says what is wrong", () => {
  it(`when any byte of what was written is another (seed ${seed})`, async () => {
    const { folder } = await written(150);
    const random = randomFrom(seed);
    for (let round = 0; round < scaled(60, 2000); round++) {
      const files = [...chunksOf(folder), "head"];
      const file = files[random(files.length)] as string;
      const path = join(folder, file);
      const original = readFileSync(path);
      const damaged = Buffer.from(original);
      const at = random(damaged.length);
      damaged[at] = (damaged[at] as number) ^ (1 << random(8));
      writeFileSync(path, damaged);
      expect(opening(folder), `${file} at byte ${at}`).toThrow(DamagedStore);
      expect(opening(folder)).toThrow(file);
      writeFileSync(path, original);
    }
    opening(folder)();
  });

  it("when a file ends early, by any number of bytes", async () => {
    const { folder } = await written(60);
    for (const file of chunksOf(folder)) {
      const path = join(folder, file);
      const original = readFileSync(path);
      for (const missing of [1, 7, 24, 25, 500, original.length]) {
        truncateSync(path, Math.max(original.length - missing, 0));
        expect(opening(folder), `${file} without ${missing} bytes`).toThrow(DamagedStore);
        writeFileSync(path, original);
      }
    }
  });

  it("when a file is missing", async () => {
    const { folder } = await written(100);
    for (const file of [...chunksOf(folder), "head"]) {
      const copy = copyOf(folder);
      rmSync(join(copy, file));
      expect(opening(copy), file).toThrow(DamagedStore);
    }
  });

  it("when a record changes under the running store", async () => {
    const { folder } = await written(5);
    const { store } = open(folder);
    const path = join(folder, chunksOf(folder)[0] as string);
    const bytes = readFileSync(path);
    const at = bytes.indexOf("<3.1");
    bytes[at + 1] = 0x39;
    writeFileSync(path, bytes);
    expect(() => store.read([7])).toThrow(DamagedStore);
    expect(store.read([1]).map(textOf)).toEqual(["<1.0 x>"]);
    store.close();
  });
});

describe("events that are removed", () => {
  it("leave no byte in the folder; the others keep positions and ordinals", async () => {
    const { folder, texts } = await written(200);
    const { store } = open(folder);
    const positions = store.read(Array.from({ length: store.end() }, (_, n) => n)).map(({ position }) => position);
    await store.seal();
    const keep = (event: StoredEvent) => !textOf(event).includes(".2 ");
    await store.removeEvents(keep, () => {});
    for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file), "latin1")).not.toMatch(/<\d+\.2 /);
    const kept = texts.flatMap((text, ordinal) => (text.includes(".2 ") ? [] : [{ text, ordinal }]));
    const read = store.read(Array.from({ length: store.end() }, (_, n) => n));
    expect(read.map(textOf)).toEqual(kept.map(({ text }) => text));
    expect(read.map(({ position }) => position)).toEqual(kept.map(({ ordinal }) => positions[ordinal]));
    await commit(store, "<after>");
    store.close();
    const { store: again, texts: found } = open(folder);
    expect(found).toEqual([...kept.map(({ text }) => text), "<after>"]);
    again.close();
  });

  it("are still there, or gone, but never half, when the rewriting breaks off", async () => {
    const { folder, texts } = await written(50);
    writeFileSync(join(folder, "000000.chunk.new"), "what a crash left");
    const { store, texts: found } = open(folder);
    expect(found).toEqual(texts);
    expect(readdirSync(folder)).not.toContain("000000.chunk.new");
    store.close();
  });
});
