import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { bigintAsText } from "../../platform/bigintAsText.ts";
import type { Copy } from "../../replay/copies.ts";
import { asTable, oneLine } from "../table.ts";

export type ReplayExportsDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly listCopies: (onlyErased: boolean) => Promise<readonly Copy[]>;
  /** Resolves with whether the copy was on the list. */
  readonly forgetCopy: (exportId: string) => Promise<boolean>;
};

const help = `
A copy that contains erased readers should be deleted or exported again; --json shows their pseudonyms in it. After deleting
a copy's files, remove it from the list with --forget ID.

Examples:
  heima replay exports
  heima replay exports --erased --json
  heima replay exports --forget 01890a5d-ac96-774b-bcce-b302099a8057`;

/** Adds `heima replay exports`. */
export function addReplayExports(replay: Command, deps: ReplayExportsDependencies): void {
  replay
    .command("exports")
    .description("list copies of events: who made them, when, and where they are")
    .option("--erased", "only copies with readers erased since")
    .option("--forget <id>", "remove a copy from the list, after deleting its files", exportId)
    .option("--json", "print them as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async ({ erased, forget, json }: { erased?: true; forget?: string; json?: true }) => {
      if (forget !== undefined) {
        if (!(await deps.forgetCopy(forget))) throw new Error(`there is no export ${forget}`);
        deps.stdout.write(`${forget} is off the list\n`);
        return;
      }
      const copies = await deps.listCopies(erased === true);
      deps.stdout.write(json ? `${JSON.stringify(copies, bigintAsText, 2)}\n` : table(copies));
    });
}

function exportId(text: string): string {
  const parsed = z.uuid().safeParse(text.toLowerCase());
  if (!parsed.success) throw new InvalidArgumentError("It must be the id of an export.");
  return parsed.data;
}

function table(copies: readonly Copy[]): string {
  if (copies.length === 0) return "There are no copies.\n";
  const rows = copies.map((copy) => [
    copy.exportId,
    oneLine(copy.requestedBy),
    copy.startedAt.toISOString().slice(0, 16),
    copy.finishedAt === null ? "not ended" : `${copy.events}`,
    `${copy.after ?? ""}-${copy.upTo}`,
    copy.identitiesReason === null ? "pseudonyms" : `named: ${oneLine(copy.identitiesReason)}`,
    `${copy.erased.length}`,
    oneLine(copy.place),
  ]);
  const headings = ["export", "by", "begun", "events", "positions", "readers", "erased since", "place"];
  return asTable(headings, rows, new Set([3, 6]));
}
