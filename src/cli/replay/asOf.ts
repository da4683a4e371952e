import { type Command, InvalidArgumentError } from "commander";
import type { FoundPast, Past } from "../../replay/asOf/past.ts";
import { timeOf } from "../../replay/timeOf.ts";
import { parseReaderId } from "../account.ts";
import { oneLine } from "../table.ts";

export type AsOfDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** A reader's past state at each of the times, and the current titles of its books. */
  readonly pastOf: (
    readerId: string,
    times: readonly Date[],
  ) => Promise<{ readonly found: readonly FoundPast[]; readonly titles: ReadonlyMap<string, string> }>;
};

const help = `
TIME is a time by the event store's clock (when events were recorded), inclusive: ISO 8601 with Z or an offset, or now.
Erased readers have no past.

Examples:
  heima replay as-of 01890a5d-ac96-774b-bcce-b302099a8057 2026-04-01T00:00:00+08:00
  heima replay as-of 01890a5d-ac96-774b-bcce-b302099a8057 now --json | jq .shelf`;

/** Adds `heima replay as-of`. */
export function addAsOf(replay: Command, deps: AsOfDependencies): void {
  replay
    .command("as-of")
    .description("print a reader's shelf, places, preferences and settings as they were at a time")
    .argument("<reader>", "the reader's id", parseReaderId)
    .argument("<time>", "when", parseTime)
    .option("--json", "print it as JSON")
    .addHelpText("after", help)
    .action(async (readerId: string, time: Date, { json }: { json?: true }) => {
      const { found, titles } = await deps.pastOf(readerId, [time]);
      const past = requirePast(readerId, found[0]);
      deps.stdout.write(json ? `${JSON.stringify(past, null, 2)}\n` : inWords(past, titles));
    });
}

/** Returns the past state; throws an error with the reason if there is none. */
export function requirePast(readerId: string, found: FoundPast | undefined): Past {
  switch (found?.found) {
    case "past":
      return found.past;
    case "not_yet":
      throw new Error(`the first event of ${readerId} was recorded at ${found.since.toISOString()}`);
    case "erased":
      throw new Error(`${readerId} was erased`);
    default:
      throw new Error(`the log has no events of ${readerId}`);
  }
}

/** Parses a time, which must not be in the future. */
export function parseTime(value: string): Date {
  if (value === "now") return new Date();
  const time = timeOf(value);
  if (time === undefined)
    throw new InvalidArgumentError("It must be a time with Z or an offset, as 2026-04-01T00:00:00Z, or now.");
  if (time.getTime() > Date.now()) throw new InvalidArgumentError("It must not be in the future.");
  return time;
}

function inWords({ readerId, asOf, since, shelf, places, preferences, settings }: Past, titles: Titles): string {
  const groups = new Map(shelf.groups.map(({ groupId, name }) => [groupId, name]));
  const books = shelf.books.map(({ bookId, addedAt, pinned, groupId }) => {
    const marks = [...(pinned ? ["pinned"] : []), ...(groupId === null ? [] : [`in ${groups.get(groupId)}`])];
    return `  ${[titled(bookId, titles), ...marks, `added ${addedAt}`].join("  ")}\n`;
  });
  const read = places.map(
    (place) =>
      `  ${titled(place.bookId, titles)}  ${placeText(place)}  on ${oneLine(place.deviceId)} ${place.readAt}\n`,
  );
  return [
    `reader ${readerId} as of ${asOf}, known since ${since}\n`,
    `shelf: ${shelf.books.length} books, groups ${[...groups.values()].join(", ") || "none"}\n`,
    ...books,
    `places: ${places.length}\n`,
    ...read,
    `preferences: ${choices(preferences)}\n`,
    `settings: ${choices(settings)}\n`,
  ].join("");
}

type Titles = ReadonlyMap<string, string>;

/** A book's id and title. */
export function titled(bookId: string, titles: Titles): string {
  const title = titles.get(bookId);
  return title === undefined ? bookId : `${bookId} ${oneLine(title)}`;
}

/** A place as `chapter 3 +120`: the chapter's number and the UTF-16 offset in it. */
export function placeText({ chapterNo, offset }: Past["places"][number]): string {
  return `chapter ${chapterNo} +${offset}`;
}

function choices({ changedAt, ...fields }: object & { readonly changedAt: string | null }): string {
  const named = Object.entries(fields).map(([name, value]) => `${name} ${valueText(value)}`);
  return `${named.join(", ")} (${changedAt === null ? "defaults" : `since ${changedAt}`})`;
}

/** A field's value as text. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(" ");
  return value === null ? "any" : String(value);
}
