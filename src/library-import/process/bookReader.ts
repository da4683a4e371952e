import { type ChildProcess, fork } from "node:child_process";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import type { FromReader, ToReader } from "./messages.ts";

/** Reads files in a process of its own, one after another: a second waits until the first is done. */
export type BookReader = {
  /** As `readBooks` does; rejects with UnusableBookFile also for a file that takes too long or too much memory. */
  read(path: string): AsyncGenerator<ParsedBook, void, undefined>;
  close(): void;
};

export type BookReaderOptions = {
  /** How long one step may take, a whole novel or some books of a catalogue: for any file, and for each MiB of it. */
  readonly deadlineMs?: { readonly any: number; readonly perMiB: number };
  /** The heap of the process, in MiB. */
  readonly heapMiB?: number;
};

/** A process that just started loads its sources first. */
const startMs = 10_000;
const program = fileURLToPath(new URL("./child.ts", import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Starts no process yet: the first file does. One that died, or was killed at its deadline, is replaced by the next. */
export function startBookReader(options: BookReaderOptions = {}): BookReader {
  const { deadlineMs = { any: 8_000, perMiB: 1_000 }, heapMiB = 1024 } = options;
  let child: ChildProcess | undefined;
  let isFree = Promise.resolve();

  const start = (): ChildProcess => {
    const started = fork(program, {
      execArgv: [`--max-old-space-size=${heapMiB}`, "--import", loader],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    started.on("error", () => {});
    started.once("exit", () => {
      if (child === started) child = undefined;
    });
    return started;
  };
  const kill = () => {
    child?.kill("SIGKILL");
    child = undefined;
  };

  return {
    async *read(path) {
      const before = isFree;
      let release = () => {};
      isFree = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      const isNew = child === undefined;
      child ??= start();
      const own = child;
      const size = await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
      const mostMs = deadlineMs.any + (deadlineMs.perMiB * size) / (1024 * 1024);
      let ask: ToReader = { path };
      let isDone = false;
      let isWaiting = false;
      try {
        for (let first = true; ; first = false) {
          isWaiting = false;
          const answer = await step(own, ask, mostMs + (first && isNew ? startMs : 0));
          isDone = !("books" in answer);
          isWaiting = !isDone;
          if ("error" in answer) throw answer.unusable ? new UnusableBookFile(answer.error) : new Error(answer.error);
          if ("end" in answer) return;
          yield* answer.books;
          ask = "next";
        }
      } finally {
        if (isWaiting) own.send("stop" satisfies ToReader);
        else if (!isDone) kill();
        release();
      }
    },
    close: kill,
  };
}

/** Sends one message and waits for its answer. */
function step(child: ChildProcess, ask: ToReader, mostMs: number): Promise<FromReader> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      settle();
    };
    const onMessage = (message: unknown) => end(() => resolve(message as FromReader));
    const onExit = () => end(() => reject(new UnusableBookFile("it needs more memory than a book may have")));
    const timer = setTimeout(
      () => end(() => reject(new UnusableBookFile(`it takes longer than ${Math.round(mostMs / 1000)} s to read`))),
      mostMs,
    );
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.send(ask, (error) => {
      if (error) onExit();
    });
  });
}
