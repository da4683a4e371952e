import type { Acknowledged, Journal, Refused } from "../load/journal.ts";
import { groupBy } from "./groupBy.ts";
import { whyNotLate } from "./late.ts";
import { cutBy, type LoggedEvent } from "./log.ts";
import { asText, type Replay, replayOf } from "./replay.ts";

/** The findings, one line each. */
export type CheckedCommands = {
  /** Acknowledged, but not completely in the log. */
  readonly lost: readonly string[];
  /** More than once in the log. */
  readonly doubled: readonly string[];
  /** A reader received a position in the log before one received earlier. */
  readonly reordered: readonly string[];
  /** The log differs from the answer to the reader. */
  readonly wrong: readonly string[];
  /** By command: an abandoned attempt wrote after the answer, as docs/api.md permits; see `whyNotLate`. */
  readonly late: ReadonlyMap<string, string>;
};

/**
 * Every acknowledged command that wrote is in the log once, at the reported position; no command is there twice; one that wrote
 * nothing, or was refused, is not there, unless an attempt of it came late. Its events are those that its stream decides at that
 * position. A scavenge may have removed events from the streams of readers who are `gone`: these are not judged.
 */
export function checkCommands(
  events: readonly LoggedEvent[],
  journal: Journal,
  gone: ReadonlySet<string> = new Set(),
): CheckedCommands {
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  const late = new Map<string, string>();
  const byCommand = groupBy(events, ({ commandId }) => commandId);
  const replayFor = replaysOf(events);

  const checkUnwritten = (command: Acknowledged | Refused, written: readonly LoggedEvent[]) => {
    const both = inBoth(command, written);
    const why = whyNotLate(command, written, replayFor(command));
    if (why === undefined) late.set(command.commandId, both);
    else wrong.push(`${both}: ${why}`);
  };

  for (const [id, { length }] of groupBy(events, (event) => event.id))
    if (length > 1) doubled.push(`event ${id} stands in the log ${length} times`);
  const isCut = cutBy(events, gone);
  for (const command of journal.acknowledged) {
    if (isCut(command)) continue;
    const written = byCommand.get(command.commandId) ?? [];
    if (command.events.length === 0) {
      if (written.length > 0) checkUnwritten(command, written);
    } else if (written.length < command.events.length) lost.push(inBoth(command, written));
    else if (written.length > command.events.length) doubled.push(inBoth(command, written));
    else if (written.some(({ type }, index) => type !== command.events[index])) wrong.push(inBoth(command, written));
    else if (String(written.at(-1)?.position) !== command.position) wrong.push(inBoth(command, written));
    else {
      const why = whyNotDecided(command, written, replayFor(command));
      if (why !== undefined) wrong.push(`${inBoth(command, written)}: ${why}`);
    }
  }
  for (const command of journal.refused) {
    if (isCut(command)) continue;
    const written = byCommand.get(command.commandId);
    if (written !== undefined) checkUnwritten(command, written);
  }
  return { lost, doubled, reordered: checkOrder(journal), wrong, late };
}

type Owner = Pick<Acknowledged, "readerId" | "category">;

/** The streams of readers; each is replayed once. */
export function replaysOf(events: readonly LoggedEvent[]): (owner: Owner) => Replay {
  const streams = groupBy(events, ({ stream }) => stream);
  const replays = new Map<string, Replay>();
  return ({ readerId, category }) => {
    const name = `${category}-${readerId}`;
    const replay = replays.get(name) ?? replayOf(category, streams.get(name) ?? []);
    replays.set(name, replay);
    return replay;
  };
}

/** Why these events, at their position, are not the result of the command. */
function whyNotDecided({ command }: Acknowledged, written: readonly LoggedEvent[], replay: Replay): string | undefined {
  const [first] = written;
  const before = first === undefined ? -1 : replay.events.indexOf(first);
  if (first === undefined || before < 0) return "it is in another stream";
  if (written.some((event, index) => replay.events[before + index] !== event)) return "its events are not together";
  const decided = replay.decide(command, before, { commandId: first.commandId, at: first.occurredAt });
  const right = "events" in decided && decided.events.join() === written.map(asText).join();
  return right ? undefined : `the stream decided ${JSON.stringify(decided)} before it`;
}

/** The revision at which the stream ended for the reader when a command was decided; -1 before its first event. */
export const placeOf = ({ position }: Acknowledged): bigint => (position === null ? -1n : BigInt(position));

/** A reader sends one command after the other: each must be decided on a stream that includes all earlier acknowledged events. */
function checkOrder({ acknowledged }: Journal): readonly string[] {
  const known = new Map<string, bigint>();
  return acknowledged.flatMap((command) => {
    const { commandId, readerId, position } = command;
    const stream = `${command.category}-${readerId}`;
    const before = known.get(stream) ?? -1n;
    const at = placeOf(command);
    known.set(stream, at > before ? at : before);
    return at < before ? [`${commandId} of ${readerId} was told ${position} after ${before}`] : [];
  });
}

function inBoth(command: Acknowledged | Refused, written: readonly LoggedEvent[]): string {
  const logged = written.map(({ type, position, created }) => `${type} at ${position}, ${created.toISOString()}`);
  const was = "code" in command ? "refused" : "acknowledged";
  return `${JSON.stringify(command)} was ${was}, and the log holds of it [${logged.join()}]`;
}
