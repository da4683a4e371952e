import { hash, randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import { z } from "zod";
import { fileErrorInWords } from "../../platform/fileErrors.ts";
import type { RunPlace, States } from "./runReducer.ts";

/** The data of a run that is kept, to resume from. */
export type RunSnapshot = {
  /** Of the reducer's file. */
  readonly digest: string;
  /** Where the range began (exclusive), and the last event that was read. */
  readonly after: bigint | undefined;
  readonly place: NonNullable<RunPlace>;
  readonly events: number;
  readonly states: States;
  /** Digests of the ids of readers of whom the states have nothing: they were erased before the run began. */
  readonly erased: ReadonlySet<string>;
};

const head = z.strictObject({
  format: z.literal("heima-replay-1"),
  digest: z.string(),
  after: z.string().nullable(),
  position: z.string(),
  eventId: z.string(),
  events: z.int().nonnegative(),
  /** Releases before 29 November 2026 wrote none. */
  erased: z.array(z.string()).default([]),
  savedAt: z.string(),
});

/**
 * Writes a snapshot: a line of JSON that describes it, then the states as V8 serialises them. The file is written completely or
 * not at all. Rejects with an Error for people if a state cannot be copied.
 */
export async function saveSnapshot(path: string, snapshot: RunSnapshot): Promise<void> {
  const { digest, after, place, events, states, erased } = snapshot;
  const first: z.input<typeof head> = {
    format: "heima-replay-1",
    digest,
    after: after === undefined ? null : `${after}`,
    position: `${place.position}`,
    eventId: place.eventId,
    events,
    savedAt: new Date().toISOString(),
    erased: [...erased].sort(),
  };
  let body: Buffer;
  try {
    body = serialize(states);
  } catch (error) {
    throw new Error(`the states cannot be saved: ${(error as Error).message}`);
  }
  const written = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFile(written, Buffer.concat([Buffer.from(`${JSON.stringify(first)}\n`), body]), { mode: 0o600 });
    await rename(written, path);
  } finally {
    await rm(written, { force: true });
  }
}

/** The digest that `RunSnapshot.erased` has of a reader's id: an erased reader's id is not to be kept in files. */
export function readerDigest(readerId: string): string {
  return hash("sha256", readerId, "hex").slice(0, 32);
}

/** Rejects with an Error for people if the file is no snapshot. */
export async function loadSnapshot(path: string): Promise<RunSnapshot> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Error(`cannot read ${path}: ${fileErrorInWords(error)}`);
  });
  const end = bytes.indexOf("\n");
  try {
    const parsed = head.parse(JSON.parse(bytes.toString("utf8", 0, end)));
    const states: unknown = deserialize(bytes.subarray(end + 1));
    if (!(states instanceof Map)) throw new Error("it has no states");
    return {
      digest: parsed.digest,
      after: parsed.after === null ? undefined : BigInt(parsed.after),
      place: { position: BigInt(parsed.position), eventId: parsed.eventId },
      events: parsed.events,
      states,
      erased: new Set(parsed.erased),
    };
  } catch (error) {
    throw new Error(`${path} is no snapshot of a run`, { cause: error });
  }
}
