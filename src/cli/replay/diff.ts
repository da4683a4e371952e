import type { Command } from "commander";
import { differenceOf, isSame, type PastDifference } from "../../replay/asOf/difference.ts";
import type { FoundPast, Past } from "../../replay/asOf/past.ts";
import { parseReaderId } from "../account.ts";
import { type AsOfDependencies, parseTime, placeText, requirePast, titled, valueText } from "./asOf.ts";

const help = `
Both times are by the event store's clock, inclusive, as in heima replay as-of. Before the reader's first event the state is
empty.

Examples:
  heima replay diff 01890a5d-ac96-774b-bcce-b302099a8057 2026-03-01T00:00:00Z 2026-06-01T00:00:00Z
  heima replay diff 01890a5d-ac96-774b-bcce-b302099a8057 2026-03-01T00:00:00Z now --json`;

/** Adds `heima replay diff`. */
export function addDiff(replay: Command, deps: AsOfDependencies): void {
  replay
    .command("diff")
    .description("print what changed for a reader between two times")
    .argument("<reader>", "the reader's id", parseReaderId)
    .argument("<time1>", "from when", parseTime)
    .argument("<time2>", "to when", parseTime)
    .option("--json", "print it as JSON")
    .addHelpText("after", help)
    .action(async (readerId: string, from: Date, to: Date, { json }: { json?: true }, command: Command) => {
      if (from > to) command.error("error: the first time must not be after the second", { exitCode: 2 });
      const { found, titles } = await deps.pastOf(readerId, [from, to]);
      const difference = differenceOf(pastOrNothing(readerId, found[0]), requirePast(readerId, found[1]));
      deps.stdout.write(json ? `${JSON.stringify(difference, null, 2)}\n` : inWords(difference, titles));
    });
}

/** Before a reader's first event the state is empty, so that it can be compared. */
function pastOrNothing(readerId: string, found: FoundPast | undefined): Past {
  return found?.found === "not_yet" ? found.past : requirePast(readerId, found);
}

function inWords(difference: PastDifference, titles: ReadonlyMap<string, string>): string {
  if (isSame(difference)) return "nothing changed\n";
  const { shelf, places, preferences, settings } = difference;
  const named = (bookId: string) => titled(bookId, titles);
  const lines = [
    ...shelf.groups.map(({ groupId, from, to }) => {
      if (from === null) return `+ group ${groupId} ${to}`;
      return to === null ? `- group ${groupId} ${from}` : `~ group ${groupId}: ${from} → ${to}`;
    }),
    ...shelf.added.map(({ bookId, addedAt }) => `+ shelf ${named(bookId)}  added ${addedAt}`),
    ...shelf.removed.map(({ bookId }) => `- shelf ${named(bookId)}`),
    ...shelf.changed.map(({ bookId, pinned, groupId }) => {
      const changes = [
        ...(pinned === undefined ? [] : [pinned.to ? "pinned" : "unpinned"]),
        ...(groupId === undefined ? [] : [`group ${groupId.from ?? "none"} → ${groupId.to ?? "none"}`]),
      ];
      return `~ shelf ${named(bookId)}: ${changes.join(", ")}`;
    }),
    ...(shelf.reordered ? ["~ shelf reordered"] : []),
    ...places.map(({ bookId, from, to }) => {
      if (from === null) return `+ place ${named(bookId)}: ${to === null ? "" : placeText(to)}`;
      return `~ place ${named(bookId)}: ${placeText(from)} → ${to === null ? "gone" : placeText(to)}`;
    }),
    ...fieldLines("preferences", preferences),
    ...fieldLines("settings", settings),
  ];
  return `${lines.join("\n")}\n`;
}

function fieldLines(name: string, fields: PastDifference["settings"]): readonly string[] {
  return Object.entries(fields).map(
    ([field, { from, to }]) => `~ ${name} ${field}: ${valueText(from)} → ${valueText(to)}`,
  );
}
