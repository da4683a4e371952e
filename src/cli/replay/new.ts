import { writeFile } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import { cannotWrite } from "../../platform/writableFile.ts";

const types = fileURLToPath(new URL("../../replay/run/reducer.ts", import.meta.url));

/** Adds `heima replay new`. */
export function addReplayNew(replay: Command, deps: { readonly stdout: NodeJS.WritableStream }): void {
  replay
    .command("new")
    .description("create a reducer to start from, for heima replay run")
    .argument("<name>", "the file; .ts is added", parseName)
    .addHelpText("after", "\nExample:\n  heima replay new myQuestion && heima replay run myQuestion.ts")
    .action(async (name: string) => {
      const path = resolve(name);
      const from = relative(dirname(path), types).replaceAll("\\", "/");
      try {
        await writeFile(path, startingFile(from.startsWith(".") ? from : `./${from}`), { flag: "wx" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new Error(`${name} is there already`);
        throw await cannotWrite(path, error);
      }
      deps.stdout.write(`${name}\n`);
    });
}

function parseName(value: string): string {
  const name = /\.(ts|mts|js|mjs)$/.test(value) ? value : `${value}.ts`;
  if (!/^[\w.\p{L}-]+$/u.test(basename(name)) || basename(name).startsWith("."))
    throw new InvalidArgumentError("It must be the name of a file.");
  return name;
}

function startingFile(from: string): string {
  return `import type { ReplayedEventOf } from "${from}";

// Seconds of reading by book. Run it: heima replay run THIS_FILE
// It is TypeScript and needs no build. docs/replay.md explains each part.

/** The types of events that are read; also a function of an event, or left out for all. */
export const filter = ["ReadingProgressed"] as const;

type Event = ReplayedEventOf<(typeof filter)[number]>;
type State = { seconds: number; readers: Set<string> };

/** Each key has a state of its own. Leave \`key\` out for a single one. */
export const key = (event: Event) => event.data.bookId;

/** The state before the first event, copied for each key: plain values, Map, Set, Date or bigint. */
export const initial: State = { seconds: 0, readers: new Set() };

/** The state after an event. An event has type, data, stream, revision, position, created, id and metadata. */
export function evolve(state: State, event: Event): State {
  state.seconds += event.data.activeSeconds;
  state.readers.add(event.stream);
  return state;
}

/** The printed form of a state; undefined prints nothing. */
export function result({ seconds, readers }: State, book: string | undefined) {
  return { book, hours: Math.round(seconds / 36) / 100, readers: readers.size };
}
`;
}
