import type { Acknowledged, Journal } from "../load/journal.ts";
import { type CheckedCommands, placeOf, replaysOf } from "./commands.ts";
import { groupBy } from "./groupBy.ts";
import type { LoggedEvent } from "./log.ts";

/**
 * A reader sends one command after the other, so the last acknowledged one decides whether a book is on the shelf: only attempts
 * that came late can have changed it since. Returns a line for each book that deviates.
 */
export function checkLastWords(
  events: readonly LoggedEvent[],
  journal: Journal,
  late: CheckedCommands["late"],
  gone: ReadonlySet<string> = new Set(),
): readonly string[] {
  const replayFor = replaysOf(events);
  return [...lastWords(events, journal)].flatMap(([key, { told, bookId, shelved }]) => {
    // An erasure empties the shelf, and is always last.
    if (gone.has(told.readerId)) return [];
    const replay = replayFor(told);
    const count = replay.countTo(placeOf(told));
    if (replay.isShelved(bookId, count) !== shelved)
      return [`${key}: ${told.commandId} was answered at ${told.position}, the shelf was otherwise there`];
    return replay.events
      .slice(count)
      .filter(({ type, data, commandId }) => moves.has(type) && data.bookId === bookId && !late.has(commandId))
      .map(({ type, position }) => `${key}: after the last word, ${told.commandId}, comes ${type} at ${position}`);
  });
}

const moves = new Set(["BookAddedToShelf", "BookReturnedToShelf", "BookRemovedFromShelf"]);

type Word = { readonly told: Acknowledged; readonly bookId: string; readonly shelved: boolean };

/** The last command on each book of each reader. */
function lastWords(events: readonly LoggedEvent[], { acknowledged }: Journal): Map<string, Word> {
  const byCommand = groupBy(events, ({ commandId }) => commandId);
  const words = new Map<string, Word>();
  for (const told of acknowledged) {
    const { category, command, readerId } = told;
    if (category !== "shelf") continue;
    if (command.type === "UndoRemoval")
      for (const { data } of byCommand.get(told.commandId) ?? [])
        words.set(`${readerId} ${data.bookId}`, { told, bookId: String(data.bookId), shelved: true });
    if (command.type === "AddBookToShelf")
      words.set(`${readerId} ${command.bookId}`, { told, bookId: command.bookId, shelved: true });
    if (command.type === "RemoveBooksFromShelf")
      for (const bookId of command.bookIds) words.set(`${readerId} ${bookId}`, { told, bookId, shelved: false });
  }
  return words;
}
