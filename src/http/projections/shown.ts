import { z } from "zod";

const position = z.string().regex(/^-?\d+$/);
const count = z.int().nonnegative();

const partition = z.strictObject({
  partition: count,
  checkpoint: position.meta({ description: "-1 is before the first event." }),
  lag: z
    .strictObject({ events: count, seconds: z.number().nonnegative(), more: z.boolean() })
    .nullable()
    .meta({ description: "Null if the event store did not answer in time; `more`: at least this many." }),
  waiting: count.nullable().meta({ description: "Batches in the queue; null if Redis did not answer in time." }),
  active: count.nullable(),
  parkedKeys: count,
  stopped: z
    .strictObject({ kind: z.string(), position, eventId: z.string(), detail: z.string(), since: z.iso.datetime() })
    .nullable()
    .meta({ description: "Why the partition does not advance." }),
});

/** A build of a read model, also the newest one if it failed; `build` is null if there is none yet. */
export const status = z.strictObject({
  readModel: z.string(),
  version: z.int(),
  build: z.string().nullable(),
  state: z.enum(["live", "building", "failed", "retired"]).nullable(),
  reason: z.string().optional().meta({
    description: "Why the build has ended, or is `away`; for one that waits, why the previous one ended.",
  }),
  away: z.literal(true).optional().meta({
    description: "The build's store does not answer; the partitions are the last known ones.",
  }),
  otherRelease: z.strictObject({ fed: z.boolean() }).optional().meta({
    description:
      "A build of a version or read model that this release does not have, without partitions here; `fed`: processes of its release feed or fill it.",
  }),
  fill: z
    .strictObject({
      paused: z.boolean(),
      progress: z.strictObject({ position, events: count, head: position, at: z.iso.datetime() }).nullable(),
      waits: z.strictObject({ until: z.iso.datetime(), replacements: count }).optional().meta({
        description: "When the fill begins, and how many consecutive builds had to be replaced before this one.",
      }),
    })
    .nullable()
    .meta({
      description: "The progress of reading the log from the beginning; null once the build receives live events.",
    }),
  head: position.nullable(),
  partitions: z.array(partition),
});

export const parkedKey = z.strictObject({
  readModel: z.string(),
  build: z.string(),
  partition: count,
  key: z.string(),
  eventId: z.string(),
  type: z.string(),
  stream: z.string(),
  position,
  events: count,
  since: z.iso.datetime(),
  error: z.string(),
});

export const retriedKey = z.strictObject({
  build: z.string(),
  partition: count,
  key: z.string(),
  folded: count,
  skipped: count,
  left: count,
  error: z.string().nullable(),
});

/** The engine's form of the same, with bigint positions and Date times. */
type Native<Shown> = {
  readonly [Name in keyof Shown]: Name extends "position" | "checkpoint" | "head"
    ? bigint | Extract<Shown[Name], null>
    : Name extends "since" | "at" | "until"
      ? Date
      : Shown[Name] extends (infer Item)[]
        ? readonly Native<Item>[]
        : Shown[Name] extends object | null | undefined
          ? Native<NonNullable<Shown[Name]>> | Extract<Shown[Name], null | undefined>
          : Shown[Name];
};
export type Status = Native<z.input<typeof status>>;
export type ParkedKey = Native<z.input<typeof parkedKey>>;

export function shownStatus({ fill, head, partitions, ...rest }: Status): z.input<typeof status> {
  return {
    ...rest,
    fill: fill && {
      paused: fill.paused,
      ...(fill.waits && { waits: { ...fill.waits, until: fill.waits.until.toISOString() } }),
      progress: fill.progress && {
        position: String(fill.progress.position),
        events: fill.progress.events,
        head: String(fill.progress.head),
        at: fill.progress.at.toISOString(),
      },
    },
    head: head === null ? null : String(head),
    partitions: partitions.map(({ checkpoint, lag, stopped, ...others }) => ({
      ...others,
      checkpoint: String(checkpoint),
      lag: lag && { events: lag.events, seconds: lag.seconds, more: lag.more },
      stopped: stopped && {
        kind: stopped.kind,
        position: String(stopped.position),
        eventId: stopped.eventId,
        detail: stopped.detail,
        since: stopped.since.toISOString(),
      },
    })),
  };
}

export function shownParked({ position, since, ...rest }: ParkedKey): z.input<typeof parkedKey> {
  return { ...rest, position: String(position), since: since.toISOString() };
}
