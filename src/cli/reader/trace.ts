import { type Command, InvalidArgumentError } from "commander";
import { parseReaderId } from "../account.ts";
import { oneLine } from "../table.ts";

/** An event of a reader as it lies in the log. */
export type TracedEvent = {
  readonly position: bigint;
  readonly created: Date;
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
};

export type ReaderTraceDeps = {
  readonly stdout: NodeJS.WritableStream;
  /** The events of all streams of a reader in the order of the log, after a position. */
  readonly readerEvents: (readerId: string, after: bigint | undefined) => AsyncIterable<TracedEvent>;
};

type Options = { readonly after?: bigint; readonly limit?: number; readonly json?: true };

const help = `
The events come in the order of the log, from all streams of the reader; those of an erased reader are gone but for the account's.
Positions go up: --after the last one printed is the next page. With --json each line has the whole event, its metadata too.

Examples:
  heima reader trace 01890a5d-ac96-774b-bcce-b302099a8057 --limit 50
  heima reader trace 01890a5d-ac96-774b-bcce-b302099a8057 --json | jq .type`;

/** Adds `heima reader trace`. */
export function addReaderTrace(reader: Command, deps: ReaderTraceDeps): void {
  reader
    .command("trace")
    .description("print a reader's events, the oldest first")
    .argument("<id>", "the reader's id", parseReaderId)
    .option("--after <position>", "only those after this position of the log", parsePosition)
    .option("--limit <number>", "at most so many", parseCount)
    .option("--json", "print one JSON object a line (positions as strings)")
    .addHelpText("after", help)
    .action(async (readerId: string, { after, limit = Number.POSITIVE_INFINITY, json }: Options) => {
      let printed = 0;
      for await (const event of deps.readerEvents(readerId, after)) {
        if (printed === limit) break;
        printed++;
        deps.stdout.write(`${json ? jsonOf(event) : lineOf(event)}\n`);
      }
      if (!json) deps.stdout.write(`${printed} events\n`);
    });
}

function lineOf({ position, created, stream, revision, type, data }: TracedEvent): string {
  const category = stream.slice(0, stream.indexOf("-"));
  return `${position}  ${created.toISOString()}  ${category}@${revision}  ${type}  ${oneLine(JSON.stringify(data))}`;
}

function jsonOf({ position, created, stream, revision, id, type, data, metadata }: TracedEvent): string {
  const place = { position: String(position), created: created.toISOString(), stream, revision: String(revision) };
  return JSON.stringify({ ...place, id, type, data, metadata });
}

function parsePosition(value: string): bigint {
  if (!/^\d{1,19}$/.test(value)) throw new InvalidArgumentError("It must be a position of the log.");
  return BigInt(value);
}

function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("It must be a number from 1.");
  return Number(value);
}
