import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { type EventLog, openLog } from "../../../embedded/eventstore/log/log.ts";
import { scavenge } from "../../../embedded/eventstore/log/scavenge.ts";
import type { ChunkIndex } from "../../../embedded/eventstore/storage/chunk-index.ts";
import { newUuid } from "../../../embedded/eventstore/wire/uuid.ts";
import { randomFrom, scaled, seed } from "./soak.ts";

const root = mkdtempSync(join(tmpdir(), "heima-index-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

/** Bytes, so that a few hundred events fill several chunks. */
const chunkSize = 20_000;
const streams = Array.from({ length: 12 }, (_, n) => `shelf-${n}`);
const names = [...streams, ...streams.map((stream) => `$$${stream}`)];

const open = (folder: string) => openLog(folder, { chunkSize });
const filesOf = (folder: string, end: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .toSorted();
const indexesOf = (folder: string) => filesOf(folder, ".index").map((name) => readFileSync(join(folder, name)));

const eventOf = (type: string, data: unknown) => ({
  id: newUuid(),
  type,
  isJson: true,
  customMetadata: Buffer.alloc(0),
  data: Buffer.from(JSON.stringify(data)),
});

/** Appends, metadata, soft deletes and tombstones, in any order. */
async function write(log: EventLog, random: (below: number) => number, writes: number): Promise<void> {
  for (let n = 0; n < writes; n++) {
    const stream = streams[random(streams.length)] as string;
    const kind = random(60);
    const append = (to: string, ...events: ReturnType<typeof eventOf>[]) =>
      log.write({ kind: "append", stream: to, expected: "any", events });
    if (kind === 0) await log.write({ kind: "tombstone", stream, expected: "any" });
    else if (kind < 3) await log.write({ kind: "delete", stream, expected: "any" });
    else if (kind < 6) await append(`$$${stream}`, eventOf("$metadata", { $maxCount: 1 + random(20) }));
    else await append(stream, ...Array.from({ length: 1 + random(4) }, (_, part) => eventOf("Said", { n, part })));
  }
}

/** All contents of a log: its events, its streams and its end. */
async function contents(folder: string) {
  const log = open(folder);
  const events: string[] = [];
  for (let at = 0n; ; ) {
    const page = log.after(at, 100);
    if (page.length === 0) break;
    events.push(...page.map(({ position, record }) => `${position} ${record.toString("hex")}`));
    at = page.at(-1)?.position ?? at;
  }
  const known = names.map((name) => structuredClone(log.stream(name)));
  const said = { events, known, head: log.head(), next: log.nextPosition() };
  await log.close();
  return said;
}

async function written(start = seed, writes = scaled(400, 4_000)): Promise<string> {
  const folder = newFolder();
  const log = open(folder);
  await write(log, randomFrom(start), writes);
  await log.close();
  return folder;
}

/** The contents of the log when its events are decoded, since no chunk has an index. */
async function withoutIndexes(folder: string) {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  for (const name of filesOf(copy, ".index")) rmSync(join(copy, name));
  return { copy, said: await contents(copy) };
}

describe(`the indexes of closed chunks (seed ${seed})`, () => {
  it("say what the chunks say, and are the same whether the chunk was closed or read", async () => {
    const folder = await written();
    const closedChunks = filesOf(folder, ".chunk").length - 1;
    expect(closedChunks).toBeGreaterThan(3);
    expect(indexesOf(folder)).toHaveLength(closedChunks);
    const { copy, said } = await withoutIndexes(folder);
    expect(await contents(folder)).toEqual(said);
    expect(indexesOf(copy)).toEqual(indexesOf(folder));
    expect(await contents(copy)).toEqual(said);
  });

  it("are what a start goes by, which says how far it is", async () => {
    const folder = await written();
    for (const name of filesOf(folder, ".index")) {
      const path = join(folder, name);
      const index = deserialize(readFileSync(path).subarray(4)) as ChunkIndex;
      const bytes = serialize({ ...index, runs: { ...index.runs, streams: index.runs.streams.map(() => "shelf-x") } });
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(bytes));
      writeFileSync(path, Buffer.concat([checksum, bytes]));
    }
    const lines: string[] = [];
    expect(() => openLog(folder, { chunkSize, opened: (chunks, of) => lines.push(`${chunks} of ${of}`) })).toThrow(
      "the log has event 0 of shelf-x after event",
    );
    for (const name of filesOf(folder, ".index")) rmSync(join(folder, name));
    const log = openLog(folder, { chunkSize, opened: (chunks, of) => lines.push(`${chunks} of ${of}`) });
    await log.close();
    const chunks = filesOf(folder, ".chunk").length;
    expect(lines).toEqual(Array.from({ length: chunks }, (_, n) => `${n + 1} of ${chunks}`));
  });

  it("go with the events that a scavenge removes, and come again at the next start", async () => {
    const folder = await written();
    const log = open(folder);
    await log.write({ kind: "append", stream: "shelf-of-a-reader", expected: "any", events: [eventOf("Said", {})] });
    await write(log, randomFrom(seed + 1), 100);
    await log.write({ kind: "tombstone", stream: "shelf-of-a-reader", expected: "any" });
    await scavenge(log);
    await log.close();
    for (const bytes of indexesOf(folder)) expect(bytes.includes("shelf-of-a-reader")).toBe(false);
    const { said } = await withoutIndexes(folder);
    expect(await contents(folder)).toEqual(said);
    expect(await contents(folder)).toEqual(said);
    expect(indexesOf(folder)).toHaveLength(filesOf(folder, ".chunk").length - 1);
  });

  it("are made again when a byte of them is another, when they are cut off, and when they are of other chunks", async () => {
    const folder = await written(seed, 200);
    const said = await contents(folder);
    const other = await written(seed + 1, 200);
    const random = randomFrom(seed);
    const file = filesOf(folder, ".index")[0] as string;
    const path = join(folder, file);
    const whole = readFileSync(path);
    const damages = Array.from({ length: scaled(20, 500) }, () => {
      const damaged = Buffer.from(whole);
      const at = random(damaged.length);
      damaged[at] = (damaged[at] as number) ^ (1 << random(8));
      return damaged;
    });
    for (const damaged of [...damages, whole.subarray(0, random(whole.length)), readFileSync(join(other, file))]) {
      writeFileSync(path, damaged);
      expect(await contents(folder)).toEqual(said);
      expect(readFileSync(path)).toEqual(whole);
    }
  });
});
