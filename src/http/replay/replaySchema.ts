import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import { exportFormats, type Manifest } from "../../replay/export/manifest.ts";
import type { Replay } from "../../replay/jobs/replay.ts";
import { isReversed, parseMoment } from "../../replay/range.ts";
import { eventType, moment } from "./filters.ts";

/** A moment as text, validated; the worker resolves its position. */
const momentText = moment.transform(({ text }) => text);

/** The request for a replay. */
export const replayBody = z
  .strictObject({
    from: momentText.optional(),
    to: momentText.optional(),
    types: z.array(eventType).max(100).optional(),
    bookIds: z.array(bookId).max(1_000).optional(),
    format: z.enum(exportFormats).default("parquet"),
  })
  .refine(({ from = "", to = "" }) => !isReversed(parseMoment(from), parseMoment(to)), {
    path: ["to"],
    message: "must come after from",
  });

const position = z.string().regex(/^\d+$/).nullable();
const time = z.iso.datetime();

/** A replay, with its files when it is done. */
export const replayAnswer = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(["waiting", "running", "done", "failed", "cancelled", "expired"]),
    from: z.string().nullable(),
    to: z.string().nullable(),
    types: z.array(z.string()),
    bookIds: z.array(z.string()),
    format: z.enum(exportFormats),
    events: z
      .int()
      .meta({ description: "Events of the log read so far; for a finished replay the events in its files." }),
    percent: z.number().nullable().meta({ description: "Progress by log position; null before it runs." }),
    position,
    upTo: position,
    bytes: z.int().nullable(),
    error: z.string().nullable(),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    expiresAt: time.nullable().meta({ description: "When the files are deleted." }),
  })
  .meta({ id: "Replay", description: "A copy of events for an analyst." });

export const replayFiles = z.array(
  z.strictObject({
    name: z.string(),
    day: z.string(),
    events: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    url: z.string(),
  }),
);

/** A replay in an API response. */
export function shownReplay(replay: Replay): z.input<typeof replayAnswer> {
  const { id, state, request, after, position, upTo, bytes, error } = replay;
  const text = (value: bigint | null) => (value === null ? null : `${value}`);
  const iso = (value: Date | null) => value?.toISOString() ?? null;
  return {
    id,
    state,
    from: request.from,
    to: request.to,
    types: [...request.types],
    bookIds: [...request.bookIds],
    format: request.format,
    events: Number(replay.events),
    percent: percentOf(replay, after ?? 0n),
    position: text(position),
    upTo: text(upTo),
    bytes: bytes === null ? null : Number(bytes),
    error,
    createdAt: replay.createdAt.toISOString(),
    startedAt: iso(replay.startedAt),
    finishedAt: iso(replay.finishedAt),
    expiresAt: iso(replay.expiresAt),
  };
}

function percentOf({ state, position, upTo }: Replay, after: bigint): number | null {
  if (state === "done") return 100;
  if (position === null || upTo === null) return null;
  return upTo <= after ? 0 : Number(((position - after) * 1_000n) / (upTo - after)) / 10;
}

/** The files of a finished replay. */
export function shownFiles(id: string, { files }: Manifest): z.input<typeof replayFiles> {
  return files.map(({ file, day, events, bytes, sha256 }, index) => ({
    name: file,
    day,
    events,
    bytes,
    sha256,
    url: `/v1/replays/${id}/files/${index}`,
  }));
}
