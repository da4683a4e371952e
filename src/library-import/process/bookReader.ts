import { type ChildProcess, fork } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ParsedBook, type ParsedChapter, UnusableBookFile } from "../parsedBook.ts";
import type { ReadOptions } from "../readBooks.ts";
import { errorOfEnd, errorOfLateness } from "./ends.ts";
import type { Answer, FromReader, ToReader } from "./messages.ts";

/** Reads files in a process of its own, one after another: a second waits until the first is done. */
export type BookReader = {
  /**
   * As `readBooks` does; rejects with UnusableBookFile also for a file that takes too much processor time or memory, with
   * ReadingBrokeOff when the process was ended from outside or had too little of the machine, and with the reason of `signal`.
   */
  read(path: string, options?: ReadOptions, signal?: AbortSignal): AsyncGenerator<ParsedBook, void, undefined>;
  close(): void;
};

export type BookReaderOptions = {
  /** The processor time that a step may take, a whole novel or some books of a catalogue: for any file, and for each MiB of it. */
  readonly cpuMs?: { readonly any: number; readonly perMiB: number };
  /** Factor of the limit by the clock over that of processor time: on a busy machine the process gets a small share. */
  readonly timesByClock?: number;
  /** The heap of the process, and all its memory, in MiB. */
  readonly heapMiB?: number;
  readonly memoryMiB?: number;
};

/** Until a process has loaded its sources, on a machine with much to do. */
const startMs = 60_000;
const program = fileURLToPath(new URL("./child.ts", import.meta.url));
const runner = fileURLToPath(new URL("../../../bin/run.js", import.meta.url));

/** Starts no process yet: the first file does. One that died, or was killed at its deadline, is replaced by the next. */
export function startBookReader(options: BookReaderOptions = {}): BookReader {
  const { cpuMs = { any: 8_000, perMiB: 1_000 }, timesByClock = 10 } = options;
  const { heapMiB = 640, memoryMiB = 800 } = options;
  let child: ChildProcess | undefined;
  let isFree = Promise.resolve();

  const start = async (): Promise<ChildProcess> => {
    const started = fork(runner, [program, String(memoryMiB)], {
      execArgv: [`--max-old-space-size=${heapMiB}`],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    started.on("error", () => {});
    started.once("exit", () => {
      if (child === started) child = undefined;
    });
    child = started;
    const failed = () => new Error("the process that reads books does not start");
    await receive(started, { maxMs: startMs, late: failed, ended: failed }, (message) => "isReady" in message);
    return started;
  };
  const kill = () => {
    child?.kill("SIGKILL");
    child = undefined;
  };

  return {
    async *read(path, { source, mapping, onSkip, onRead } = {}, signal) {
      const before = isFree;
      let release = () => {};
      isFree = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      let isDone = false;
      let isWaiting = false;
      let own: ChildProcess | undefined;
      signal?.addEventListener("abort", kill);
      try {
        signal?.throwIfAborted();
        own = child ?? (await start());
        const maxCpuMs = cpuMs.any + (cpuMs.perMiB * (await sizeOf(path))) / (1024 * 1024);
        const maxMs = timesByClock * maxCpuMs;
        const late = () => errorOfLateness(path, maxMs);
        const ended = (process: ChildProcess) => errorOfEnd(path, process, maxCpuMs);
        let chapters: ParsedChapter[] = [];
        const isAnswer = (message: FromReader): message is Answer => {
          if ("read" in message) onRead?.(message.read, message.total);
          if ("chapters" in message) for (const chapter of message.chapters) chapters.push(chapter);
          return "books" in message || "end" in message || "error" in message;
        };
        for (let ask: ToReader = { path, source, mapping, cpuMs: maxCpuMs }; ; ask = "next") {
          isWaiting = false;
          const answered = receive(own, { maxMs, late, ended }, isAnswer);
          own.send(ask, () => {});
          const answer = await answered;
          isDone = !("books" in answer);
          isWaiting = !isDone;
          for (const { line, reason } of answer.skipped) onSkip?.(line, reason);
          if ("error" in answer) throw answer.unusable ? new UnusableBookFile(answer.error) : new Error(answer.error);
          if ("end" in answer) return;
          const last = answer.books.at(-1);
          yield* last === undefined || chapters.length === 0
            ? answer.books
            : answer.books.with(-1, { ...last, chapters });
          chapters = [];
        }
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      } finally {
        signal?.removeEventListener("abort", kill);
        if (isWaiting) own?.send("stop" satisfies ToReader, () => {});
        else if (!isDone) kill();
        release();
      }
    },
    close: kill,
  };
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

type Limit = {
  readonly maxMs: number;
  readonly late: () => Error;
  readonly ended: (child: ChildProcess) => Error;
};

/** The first message that is one of those wanted. Rejects when there is none in time, or the process ends. */
function receive<Wanted extends FromReader>(
  child: ChildProcess,
  { maxMs, late, ended }: Limit,
  isWanted: (message: FromReader) => message is Wanted,
): Promise<Wanted> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      settle();
    };
    const onMessage = (received: unknown) => {
      const message = received as FromReader;
      if (isWanted(message)) end(() => resolve(message));
    };
    const onExit = () => end(() => reject(ended(child)));
    const timer = setTimeout(() => end(() => reject(late())), maxMs);
    child.on("message", onMessage);
    child.on("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit();
  });
}
