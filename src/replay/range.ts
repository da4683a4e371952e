import { InvalidPosition } from "../event-store/errors.ts";
import type { EventStore } from "../event-store/types.ts";
import { dayMs, startOfDay } from "./days.ts";
import type { ExportPlan } from "./export/manifest.ts";
import { type LogSearchOptions, reportSearch } from "./logSearch.ts";
import { type DayPositions, positionBefore } from "./positions.ts";
import { ReplayRefused } from "./replayRefused.ts";
import { timeOf } from "./timeOf.ts";

/** An end of a range, as requested: a position, a day of China, or a time. */
export type Moment =
  | { readonly kind: "position"; readonly position: bigint }
  | { readonly kind: "day"; readonly day: string }
  | { readonly kind: "time"; readonly time: Date };

/** Undefined if it is none of them: `12345`, `2026-11-28`, or `2026-11-28T08:00:00+08:00` (ISO 8601 with its zone). */
export function parseMoment(text: string): Moment | undefined {
  if (/^\d{1,19}$/.test(text)) return { kind: "position", position: BigInt(text) };
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const parsed = new Date(`${text}T00:00:00Z`);
    const isDay = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
    return isDay ? { kind: "day", day: text } : undefined;
  }
  const time = timeOf(text);
  return time && { kind: "time", time };
}

/** From another position the log cannot be read. */
async function requireEvent(eventStore: Pick<EventStore, "readAll">, position: bigint): Promise<void> {
  try {
    for await (const _ of eventStore.readAll({ fromPosition: position, maxCount: 1 })) return;
  } catch (error) {
    if (!(error instanceof InvalidPosition)) throw error;
    throw new ReplayRefused(
      `no event begins at position ${position}: take one from the column position, or from a manifest`,
    );
  }
}

/** The requested end of a range; `text` is its original form, for the manifest. */
export type Asked = { readonly text: string; readonly moment: Moment };

/**
 * Returns whether nothing can lie between two moments of one kind, whatever the log holds: times between which there is none, or
 * reversed positions.
 */
export function isReversed(from: Moment | undefined, to: Moment | undefined): boolean {
  if (from === undefined || to === undefined) return false;
  if (from.kind === "position" && to.kind === "position") return to.position < from.position;
  if (from.kind === "position" || to.kind === "position") return false;
  return endOf(to) <= startOf(from);
}

type InTime = Exclude<Moment, { readonly kind: "position" }>;
const startOf = (moment: InTime) => (moment.kind === "time" ? moment.time : startOfDay(moment.day)).getTime();
const endOf = (moment: InTime) => startOf(moment) + (moment.kind === "day" ? dayMs : 0);

/**
 * The positions of a range. A position is taken as it is: `from` is exclusive and `to` inclusive, so that one copy begins where another
 * ended; one beyond the end of the log is its present end. A day counts whole, as beginning and as end; a time ends before it. Undefined:
 * that end of the log. Rejects with
 * ReplayRefused if the range is reversed, or begins at a position without an event; with the signal's reason when it is aborted.
 */
export async function resolveRange(
  eventStore: Pick<EventStore, "readAll" | "readLogEnd">,
  known: DayPositions,
  asked: { readonly from: Asked | undefined; readonly to: Asked | undefined },
  options: LogSearchOptions = {},
): Promise<ExportPlan["range"]> {
  const { from, to } = asked;
  const nothing = () => new ReplayRefused(`nothing lies between ${from?.text} and ${to?.text ?? "the end"}`);
  if (isReversed(from?.moment, to?.moment)) throw nothing();
  const end = (await eventStore.readLogEnd()) ?? 0n;
  const find = async ({ text, moment }: Asked, isEnd: boolean) => {
    if (moment.kind === "position") {
      if (moment.position >= end) return end;
      if (!isEnd) await requireEvent(eventStore, moment.position);
      return moment.position;
    }
    const time = new Date(isEnd ? endOf(moment) : startOf(moment));
    const onEvent = reportSearch(`where ${text} ${isEnd ? "ends" : "begins"}`, end, options);
    return positionBefore(eventStore, time, known, { signal: options.signal, onEvent });
  };
  const textOf = ({ text, moment }: Asked) => (moment.kind === "position" ? `${moment.position}` : text);
  const after = from === undefined ? undefined : await find(from, false);
  const upTo = to === undefined ? end : ((await find(to, true)) ?? 0n);
  if (after !== undefined && upTo < after) throw nothing();
  return {
    after: after === undefined ? null : `${after}`,
    upTo: `${upTo}`,
    ...(from !== undefined && { askedFrom: textOf(from) }),
    ...(to !== undefined && { askedTo: textOf(to) }),
  };
}
