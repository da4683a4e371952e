import type { Acknowledged, Journal, Refused } from "../load/journal.ts";
import { groupBy } from "./groupBy.ts";
import { whyNotLate } from "./late.ts";
import type { LoggedEvent } from "./log.ts";
import { type Replay, replayOf } from "./replay.ts";

/** What was found, a line each. */
export type CheckedCommands = {
  /** Acknowledged, and not all of it is in the log. */
  readonly lost: readonly string[];
  /** In the log more often than once. */
  readonly doubled: readonly string[];
  /** A reader was told of a place in the log before one that the reader knew of. */
  readonly reordered: readonly string[];
  /** In the log otherwise than the reader was told. */
  readonly wrong: readonly string[];
  /** By command: a try that was given up wrote after the answer, as docs/api.md says it may; see `whyNotLate`. */
  readonly late: ReadonlyMap<string, string>;
};

/**
 * Every acknowledged command that wrote is in the log once, where it was said to be; no command is there twice; one that wrote
 * nothing, or was refused, is not there at all, unless a try of it came late.
 */
export function checkCommands(events: readonly LoggedEvent[], journal: Journal): CheckedCommands {
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  const late = new Map<string, string>();
  const byCommand = groupBy(events, ({ commandId }) => commandId);
  const replayFor = replaysOf(events);

  const checkUnwritten = (command: Acknowledged | Refused, written: readonly LoggedEvent[]) => {
    const both = inBoth(command, written);
    const why = whyNotLate(command, written, replayFor(command.readerId));
    if (why === undefined) late.set(command.commandId, both);
    else wrong.push(`${both}: ${why}`);
  };

  for (const [id, { length }] of groupBy(events, (event) => event.id))
    if (length > 1) doubled.push(`event ${id} stands in the log ${length} times`);
  for (const command of journal.acknowledged) {
    const written = byCommand.get(command.commandId) ?? [];
    if (command.events.length === 0) {
      if (written.length > 0) checkUnwritten(command, written);
    } else if (written.length < command.events.length) lost.push(inBoth(command, written));
    else if (written.length > command.events.length) doubled.push(inBoth(command, written));
    else if (written.some(({ type }, index) => type !== command.events[index])) wrong.push(inBoth(command, written));
    else if (String(written.at(-1)?.position) !== command.position) wrong.push(inBoth(command, written));
  }
  for (const command of journal.refused) {
    const written = byCommand.get(command.commandId);
    if (written !== undefined) checkUnwritten(command, written);
  }
  return { lost, doubled, reordered: checkOrder(journal), wrong, late };
}

/** The streams of shelves, by reader; each is replayed once. */
export function replaysOf(events: readonly LoggedEvent[]): (readerId: string) => Replay {
  const streams = groupBy(events, ({ stream }) => stream);
  const replays = new Map<string, Replay>();
  return (readerId) => {
    const replay = replays.get(readerId) ?? replayOf(streams.get(`shelf-${readerId}`) ?? []);
    replays.set(readerId, replay);
    return replay;
  };
}

/** Where the stream of a shelf ended for the reader when a command was decided; -1 before its first event. */
export const placeOf = ({ position }: Acknowledged): bigint => (position === null ? -1n : BigInt(position));

/** A reader sends one command after the other: each is decided on a shelf that has all that the reader was told of before. */
function checkOrder({ acknowledged }: Journal): readonly string[] {
  const known = new Map<string, bigint>();
  return acknowledged.flatMap((command) => {
    const { commandId, readerId, position } = command;
    const before = known.get(readerId) ?? -1n;
    const at = placeOf(command);
    known.set(readerId, at > before ? at : before);
    return at < before ? [`${commandId} of ${readerId} was told ${position} after ${before}`] : [];
  });
}

function inBoth(command: Acknowledged | Refused, written: readonly LoggedEvent[]): string {
  const logged = written.map(({ type, position, created }) => `${type} at ${position}, ${created.toISOString()}`);
  const was = "code" in command ? "refused" : "acknowledged";
  return `${JSON.stringify(command)} was ${was}, and the log holds of it [${logged.join()}]`;
}
