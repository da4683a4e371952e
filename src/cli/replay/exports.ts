import type { Command } from "commander";
import type { Copy } from "../../replay/copies.ts";
import { asTable, oneLine } from "../table.ts";

export type ReplayExportsDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly listCopies: (onlyErased: boolean) => Promise<readonly Copy[]>;
  /** Whether it was known. */
  readonly forgetCopy: (exportId: string) => Promise<boolean>;
};

const help = `
A copy with erased readers should be deleted, or made anew; what they are called in it is in --json. After you have deleted a copy's files,
--forget ID takes it off the list.

Examples:
  heima replay exports
  heima replay exports --erased --json
  heima replay exports --forget 01890a5d-ac96-774b-bcce-b302099a8057`;

/** Adds `heima replay exports`. */
export function addReplayExports(replay: Command, deps: ReplayExportsDeps): void {
  replay
    .command("exports")
    .description("the copies of events: who made which, when, and where they lie")
    .option("--erased", "only those that hold readers who were erased since")
    .option("--forget <id>", "take a copy off the list whose files are deleted")
    .option("--json", "print them as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async ({ erased, forget, json }: { erased?: true; forget?: string; json?: true }) => {
      if (forget !== undefined) {
        if (!(await deps.forgetCopy(forget))) throw new Error(`there is no export ${forget}`);
        deps.stdout.write(`${forget} is off the list\n`);
        return;
      }
      const copies = await deps.listCopies(erased === true);
      const asText = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
      deps.stdout.write(json ? `${JSON.stringify(copies, asText, 2)}\n` : table(copies));
    });
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
