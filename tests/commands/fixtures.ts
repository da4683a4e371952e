import { randomUUID } from "node:crypto";
import { createHandleCommand, type HandleCommandOptions } from "../../src/commands/handleCommand.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../../src/commands/types.ts";
import type { Decider } from "../../src/domain/decider.ts";
import type { CataloguedBook } from "../../src/domain/library/events.ts";
import type { ShelfCommand } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { streamName } from "../../src/domain/streams.ts";
import { createLogger } from "../../src/platform/logger.ts";

export const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
export const shelf = streamName("shelf", reader);
export const dream = "hongloumeng0";
export const west = "xiyouji00000";
export const kingdoms = "sanguoyanyi0";

/** The answer to a repeat that was found in the stream. */
export const repeated = <Result extends CommandResult>(first: Result): Result => ({ ...first, outcome: "repeated" });

/** The answer for any outcome: a process with a state from before the command appends it once more, without effect. */
export const anyOutcome = ({ outcome, ...answer }: CommandResult) => answer;

/** The context of a new command; a repeat passes the same one again. The hash is computed from `sent`. */
export function newContext(sent = "x", commandId: string = randomUUID()): CommandContext {
  return { commandId, sent, correlationId: randomUUID(), occurredAt: "2026-01-01T00:00:00.000Z" };
}

/** A HandleCommand as in another process: with its own cache, and pauses short enough for a test. */
export function newProcess(
  eventStore: HandleCommandOptions["eventStore"],
  options: Partial<HandleCommandOptions> = {},
): HandleCommand {
  const logger = createLogger("test", "silent");
  return createHandleCommand({ eventStore, logger, repeatPausesMs: [1, 2, 3], ...options });
}

export const add = (bookId: string, capacity = 100): ShelfCommand => ({ type: "AddBookToShelf", bookId, capacity });
export const remove = (bookId: string): ShelfCommand => ({ type: "RemoveBooksFromShelf", bookIds: [bookId] });

/** The book of a command made by `add` or `remove`. */
export function bookOf(command: ShelfCommand): string | undefined {
  if (command.type === "AddBookToShelf") return command.bookId;
  return command.type === "RemoveBooksFromShelf" ? command.bookIds[0] : undefined;
}

/** Sends a command to the reader's shelf. */
export const send = (process: HandleCommand, command: ShelfCommand, context = newContext()) =>
  process(shelfStream, reader, command, context);

/** A command of two events, which the domain does not have yet. */
const moveDecider: Decider<null, { readonly type: "Move" }, ShelfEvent> = {
  initialState: null,
  evolve: () => null,
  decide: () => [
    { type: "BookAddedToShelf", data: { bookId: west } },
    { type: "BookRemovedFromShelf", data: { bookId: west } },
  ],
};

/** Sends it to the reader's shelf. */
export const sendMove = (process: HandleCommand, context: CommandContext) =>
  process(
    { ...shelfStream, refusals: {}, erasureCommand: undefined, decider: moveDecider },
    reader,
    { type: "Move" },
    context,
  );

export const dreamOfTheCatalogue: CataloguedBook = {
  source: { name: "txt", id: "红楼梦/曹雪芹" },
  title: "红楼梦",
  author: "曹雪芹",
  intro: "",
  channel: "published",
  category: "古典",
  subCategory: null,
  status: "finished",
  words: null,
  cover: null,
};
