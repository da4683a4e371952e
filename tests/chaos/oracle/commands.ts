import type { Journal } from "../load/journal.ts";
import type { LoggedEvent } from "./log.ts";
import { foldShelves } from "./shelves.ts";

export type CheckedCommands = {
  readonly wrong: readonly string[];
  /** Commands that wrote nothing when they were answered, and of which a try that was given up was decided later. */
  readonly late: ReadonlyMap<string, string>;
};

/**
 * Every acknowledged command that wrote is in the log once, where it was said to be; no command is there twice. One that wrote
 * nothing is not remembered (docs/api.md): a try of it that the network held back may still write, and is counted.
 */
export function checkCommands(events: readonly LoggedEvent[], journal: Journal): CheckedCommands {
  const wrong: string[] = [];
  const late = new Map<string, string>();
  const byCommand = new Map<string, LoggedEvent[]>();
  const ids = new Set<string>();
  for (const event of events) {
    if (ids.has(event.id)) wrong.push(`event ${event.id} stands in the log twice`);
    ids.add(event.id);
    const written = byCommand.get(event.commandId);
    if (written === undefined) byCommand.set(event.commandId, [event]);
    else written.push(event);
  }
  for (const told of journal.acknowledged) {
    const written = byCommand.get(told.commandId) ?? [];
    const types = written.map((event) => event.type).join();
    if (types !== told.events.join()) {
      const logged = written.map(({ type, position, created }) => `${type} at ${position}, ${created.toISOString()}`);
      const both = `${JSON.stringify(told)} was acknowledged, and the log holds of it [${logged.join()}]`;
      if (told.events.length === 0 && told.sentAt.length > 1) late.set(told.commandId, both);
      else wrong.push(both);
    } else if (written.length > 0 && String(written.at(-1)?.position) !== told.position) {
      wrong.push(`command ${told.commandId} was told ${told.position} and stands at ${written.at(-1)?.position}`);
    }
  }
  return { wrong, late };
}

/** A reader sends one command after the other, so the last acknowledged one decides whether a book is on the shelf. */
export function checkLastWords(
  events: readonly LoggedEvent[],
  journal: Journal,
  late: CheckedCommands["late"],
): string[] {
  // What came late came after the last word, maybe: without it the log is what readers were told.
  const shelves = foldShelves(events.filter(({ commandId }) => !late.has(commandId))).books;
  const moved = journal.acknowledged.filter(({ action }) => action !== "arrange");
  const last = new Map(moved.map((told) => [`${told.readerId} ${told.bookId}`, told]));
  return [...last.entries()]
    .filter(([key, told]) => shelves.has(key) !== (told.action === "shelve"))
    .map(([key, told]) => `${key}: the last word was to ${told.action} it, the log says otherwise`);
}
