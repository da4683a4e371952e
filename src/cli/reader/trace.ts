import { type Command, InvalidArgumentError } from "commander";
import { parseReaderId } from "../account.ts";
import { parseCount } from "../arguments.ts";
import { print } from "../print.ts";
import { oneLine } from "../table.ts";

/** An event of a reader as stored in the log. */
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

export type ReaderTraceDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** The events of all streams of a reader in log order, after a position. */
  readonly readerEvents: (readerId: string, after: bigint | undefined) => AsyncIterable<TracedEvent>;
};

type Options = { readonly after?: bigint; readonly limit?: number; readonly json?: true };

const help = `
Prints the events of all streams of the reader in log order. Of an erased reader only the account's events are left. For the
next page pass the last printed position to --after. With --json each line has the whole event with its metadata.

Examples:
  heima reader trace 01890a5d-ac96-774b-bcce-b302099a8057 --limit 50
  heima reader trace 01890a5d-ac96-774b-bcce-b302099a8057 --json | jq .type`;

/** Adds `heima reader trace`. */
export function addReaderTrace(reader: Command, deps: ReaderTraceDependencies): void {
  reader
    .command("trace")
    .description("print a reader's events, the oldest first")
    .argument("<id>", "the reader's id", parseReaderId)
    .option("--after <position>", "only events after this log position", parsePosition)
    .option("--limit <number>", "the maximum number of events", parseCount)
    .option("--json", "print one JSON object per line (positions as strings)")
    .addHelpText("after", help)
    .action(async (readerId: string, { after, limit = Number.POSITIVE_INFINITY, json }: Options) => {
      let printed = 0;
      for await (const event of deps.readerEvents(readerId, after)) {
        if (printed === limit) break;
        printed++;
        await print(deps.stdout, `${json ? jsonOf(event) : lineOf(event)}\n`);
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
  if (!/^\d{1,19}$/.test(value)) throw new InvalidArgumentError("It must be a log position.");
  return BigInt(value);
}
