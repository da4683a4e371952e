import { type Command, InvalidArgumentError } from "commander";
import type { Held } from "../../replay/copies.ts";
import { parseReaderId } from "../account.ts";
import { giveUpAfter } from "../giveUp.ts";

export type PurgeOptions = { readonly giveUp: AbortSignal; readonly onStep: (message: string) => void };

/** `left`: what this program was not permitted to do, and where data of erased readers may remain. */
export type PurgeReport = { readonly scavengeId: string; readonly tables: number; readonly left: readonly string[] };

export type ReaderPurgeDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** The copies of events that contain the reader. */
  readonly eraseReader: (readerId: string) => Promise<readonly Held[]>;
  readonly purge: (options: PurgeOptions) => Promise<PurgeReport>;
  readonly interruption: () => AbortSignal;
};

const help = `
Waits until all marked readers are erased, scavenges the event store (see heima scavenge: it needs Elasticsearch as well, and
Ctrl-C is safe until the event store has begun), rewrites all tables of Postgres (VACUUM FULL: each table is locked
meanwhile, so queries wait), switches to a new file of its write-ahead log, and makes Redis rewrite its files. Run it when
few people are reading. Backups are not touched.

The exit code is 1 if something could not be done. May be repeated.

Examples:
  heima reader purge
  heima reader purge --timeout 3600 --json`;

/** Adds `heima reader erase` and `heima reader purge`. */
export function addReaderPurge(reader: Command, deps: ReaderPurgeDependencies): void {
  reader
    .command("erase")
    .description("erase a reader permanently, like DELETE /v1/me; a worker does it within seconds")
    .argument("<id>", "the reader's id", parseReaderId)
    .requiredOption("--yes", "confirm: an erasure cannot be undone")
    .action(async (readerId: string) => {
      const copies = await deps.eraseReader(readerId);
      deps.stdout.write(`${readerId} is marked; a worker erases what there is\n`);
      for (const { exportId, place, reader: called } of copies)
        deps.stdout.write(`export ${exportId} in ${place} holds the reader as ${called}: delete it or make it anew\n`);
    });

  reader
    .command("purge")
    .description("remove data of erased readers from the disks of the event store, Postgres and Redis")
    .option("--timeout <seconds>", "stop waiting after this many seconds (default: never)", seconds)
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async ({ timeout, json }: { timeout?: number; json?: true }) => {
      const giveUp = giveUpAfter(deps.interruption(), timeout);
      const onStep = (message: string) => void deps.stderr.write(`${message}\n`);
      const report = await deps.purge({ giveUp: giveUp.signal, onStep }).finally(giveUp.forget);
      const { scavengeId, tables, left } = report;
      deps.stdout.write(
        json
          ? `${JSON.stringify(report, null, 2)}\n`
          : `Purged: the log is scavenged (${scavengeId}), ${tables} tables and Redis were rewritten.\n`,
      );
      if (left.length > 0)
        throw new Error(`not everything could be done:\n${left.map((one) => `  ${one}`).join("\n")}`);
    });
}

function seconds(value: string): number {
  const parsed = Number(value);
  if (!(parsed > 0 && parsed <= 1_000_000)) throw new InvalidArgumentError("It must be a number of seconds.");
  return parsed;
}
