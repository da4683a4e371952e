import { anyChoice, anyHistoryCommand } from "./ownCommands.ts";
import type { Reader } from "./reader.ts";
import type { KnownBook, Sent } from "./readerCommand.ts";
import { anyReadingCommand } from "./readingCommands.ts";
import { anyShelfCommand } from "./shelfCommands.ts";

/** A reader's next command; half of them change the shelf. */
export function anyCommand(books: readonly KnownBook[], reader: Reader): Sent {
  const { random } = reader;
  const ids = books.map(({ bookId }) => bookId);
  const chance = random.next();
  if (chance < 0.5) return anyShelfCommand(ids, random);
  if (chance < 0.75) return anyReadingCommand(books, reader);
  if (chance < 0.92) return anyHistoryCommand(ids, random);
  return anyChoice(random);
}
