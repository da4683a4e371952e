import type { Client } from "./client.js";
import { deviceIdUnder } from "./deviceId.js";
import { HeimaError, requireAnswerOfApi } from "./errors.js";
import { oneAtATime } from "./oneAtATime.js";
import { storedUnder } from "./storage.js";
import { tell } from "./tell.js";
import { uuid } from "./uuid.js";
import { verdictOf } from "./verdict.js";
import {
  addEntry,
  batchDone,
  batchRefused,
  nextBatch,
  nothingWaiting,
  type ProgressEntry,
  type Waiting,
} from "./waitingEntries.js";
import type { Wx } from "./wx.js";

declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** A problem with queued entries. */
export type QueueProblem =
  /** The server does not take them: they left the queue, the others go on. */
  | { kind: "refused"; entries: ProgressEntry[]; error: HeimaError }
  /** The server takes none for now, because of the login say. They wait for the next `flush`, login, start, or return to the app. */
  | { kind: "stopped"; error: HeimaError }
  /** They were given up: the queue was full, or their reader was erased or is not the one who is logged in. */
  | { kind: "dropped"; entries: ProgressEntry[] }
  /** WeChat could not store the queue: if the mini-program is killed now, the next start has what was stored before, or nothing. */
  | { kind: "not_stored"; error: Error };

export interface ProgressQueueOptions {
  client: Client;
  wx: Wx;
  /** What it throws goes to `App.onError`. */
  onProblem(problem: QueueProblem): void;
  /** Where it is kept in the storage; `heima.progress` unless given. The name of the device is next to it. */
  storageKey?: string;
  /** Entries of a request, at most 100, and as many unless given: the server corrects a clock that is ahead by the request. */
  batchSize?: number;
  /** Entries that wait, of some 250 bytes each; 2,000 unless given. */
  capacity?: number;
  /** How long an entry waits for others, in milliseconds; 10,000 unless given. */
  delayMs?: number;
  /** The wait after a first failure, in milliseconds; it doubles up to 5 minutes. 1,000 unless given. */
  pauseMs?: number;
}

/** What the pages know of a place; the queue adds the rest. */
export type ReadPlace = Pick<ProgressEntry, "bookId" | "chapterId" | "offset" | "activeSeconds"> & { readAt?: Date };

export interface ProgressQueue {
  /** Keeps a place until the server has it. Resolves with the entry's id when it is stored on the device. */
  add(place: ReadPlace): Promise<string>;
  /**
   * Sends what waits, now. If that was added while nobody was logged in, and nobody is, it logs in first, as each request of the app does;
   * the queue by itself never does. Never rejects; resolves with how many still wait when nothing more can be sent for now.
   */
  flush(): Promise<number>;
  /** The entries that the server does not have yet, as far as is known, the oldest first. */
  waiting(): readonly ProgressEntry[];
  /** Forgets all of them: the reader was erased, or logged out. Never rejects. */
  clear(): Promise<void>;
}

const longestPauseMs = 300_000;
/** The most that the server takes in one request. */
const mostEntries = 100;
/** A JavaScript timer beyond this fires at once (2^31-1 ms). */
const longestTimerMs = 2 ** 31 - 1;
/** After it has gone to the background, an app has five seconds. */
const timeoutMs = 4_500;

/**
 * Sends places in the order in which they were added, a batch at a time, also after the app was hidden or killed. A batch without an
 * answer is repeated with its Idempotency-Key, so each entry counts once. One queue is enough for all pages.
 */
export function createProgressQueue(options: ProgressQueueOptions): ProgressQueue {
  const { client, wx, storageKey = "heima.progress", delayMs = 10_000, pauseMs = 1_000 } = options;
  const batchSize = Math.min(mostEntries, options.batchSize ?? mostEntries);
  const capacity = Math.max(batchSize + 1, options.capacity ?? 2_000);
  const stored = storedUnder<Waiting>(wx, storageKey);
  const deviceId = deviceIdUnder(wx, `${storageKey}.device`);
  const waiting: Waiting = { ...nothingWaiting(batchSize), ...stored.read() };
  const flushing = oneAtATime<number>();
  let timer: unknown;
  let failures = 0;
  let stopped = false;

  let lastTime = 0;
  /** Now, but after the place before: of two places of the same millisecond the server may keep the first. */
  const timeOfNext = () => {
    const now = Date.now();
    lastTime = now <= lastTime && lastTime - now < 1_000 ? lastTime + 1 : now;
    return new Date(lastTime);
  };

  const onProblem = (problem: QueueProblem) => tell(() => options.onProblem(problem));
  /** An empty queue is removed, for which even a full storage has space. */
  const save = () =>
    (waiting.entries.length === 0 ? stored.remove() : stored.write(waiting)).catch((error: Error) =>
      onProblem({ kind: "not_stored", error }),
    );
  const forgetAll = () => Object.assign(waiting, nothingWaiting(batchSize));
  const tellRefused = (entries: ProgressEntry[], error: HeimaError) => {
    if (entries.length > 0) onProblem({ kind: "refused", entries, error });
  };
  const dropAll = () => {
    const { entries } = waiting;
    forgetAll();
    // Before the entries of the next reader, which may not find space.
    void save();
    if (entries.length > 0) onProblem({ kind: "dropped", entries });
  };
  const flushAfter = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(sendNow, ms);
  };
  const sendNow = () => void send();
  /** What waits without a reader is of the one who is logged in, or will be; what is another's goes. */
  const claim = () => {
    const readerId = client.readerId();
    // The reader of what was sent before has no claim to what is added now.
    if (waiting.entries.length === 0) waiting.readerId = readerId;
    if (readerId === undefined) return;
    if (waiting.readerId !== undefined && readerId !== waiting.readerId) dropAll();
    waiting.readerId = readerId;
  };
  const retryLater = (atLeastMs: number) => {
    const backoff = Math.min(longestPauseMs, pauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    flushAfter(Math.min(longestTimerMs, Math.max(backoff, atLeastMs)));
  };

  /** Sends one batch; true if the next one may follow. */
  async function sendBatch(): Promise<boolean> {
    // Before anything is sent it is known, and stored, whose it is: nobody logs in for it, and it is never another reader's.
    waiting.readerId = waiting.readerId ?? client.readerId();
    if (waiting.readerId === undefined) return false;
    const batch = nextBatch(waiting, uuid);
    if (batch === undefined) return false;
    const sent = waiting.batch;
    // They were dropped meanwhile, and those that wait now are of another reader.
    const isGone = () => waiting.batch !== sent;
    // A killed app has to know the key of what it sent.
    await save();
    if (isGone()) return true;
    try {
      const { body } = await client.exchange("POST /v1/reading/progress", {
        body: { entries: batch.entries },
        idempotencyKey: batch.key,
        onlyAs: waiting.readerId,
        patience: { tries: 1, timeoutMs },
      });
      requireAnswerOfApi(Array.isArray(body.events));
      if (isGone()) return true;
    } catch (error) {
      return isGone() ? true : failed(error);
    }
    failures = 0;
    batchDone(waiting, batchSize);
    await save();
    return true;
  }

  /** Does what a batch's failure asks for; true if the next one may follow. */
  async function failed(cause: unknown): Promise<boolean> {
    const error = errorOf(cause);
    switch (verdictOf(error)) {
      case "waitForLogin":
        return false;
      case "stopped":
        stopped = true;
        onProblem({ kind: "stopped", error });
        return false;
      case "retryLater":
        retryLater(error.retryAfterMs);
        return false;
      case "drop":
        dropAll();
        break;
      case "newKey":
        waiting.batch = undefined;
        break;
      case "refused":
        tellRefused(batchRefused(waiting, error), error);
    }
    await save();
    return true;
  }

  /** Sends what waits, as far as it can without a login: at a timer, at a login, or when the app goes, comes or gets a network. */
  function send(): Promise<number> {
    clearTimeout(timer);
    timer = undefined;
    stopped = false;
    return flushing.join(sendAll);
  }

  async function sendAll(): Promise<number> {
    while (await sendBatch());
    return waiting.entries.length;
  }

  async function flush(): Promise<number> {
    if (waiting.entries.length > 0 && waiting.readerId === undefined && client.readerId() === undefined) {
      try {
        await client.login();
      } catch (cause) {
        const error = errorOf(cause);
        if (verdictOf(error) === "stopped") onProblem({ kind: "stopped", error });
      }
    }
    return send();
  }

  wx.onAppHide(sendNow);
  wx.onAppShow(sendNow);
  wx.onNetworkStatusChange(({ isConnected }) => {
    if (isConnected) sendNow();
  });
  client.onLogin(() => {
    stopped = false;
    if (waiting.entries.length === 0) return;
    claim();
    void save();
    // The run that goes on may have found before that nobody is logged in.
    void flushing.ended().then(sendNow);
  });
  if (waiting.entries.length > 0) flushAfter(0);

  return {
    flush,
    waiting: () => waiting.entries.slice(),
    clear() {
      forgetAll();
      return save();
    },
    async add({ readAt = timeOfNext(), ...place }) {
      claim();
      const entry = { ...place, entryId: uuid(), readAt: readAt.toISOString(), deviceId };
      const dropped = addEntry(waiting, entry, capacity);
      if (dropped !== undefined) onProblem({ kind: "dropped", entries: [dropped] });
      if (timer === undefined && !stopped) flushAfter(delayMs);
      await save();
      return entry.entryId;
    },
  };
}

function errorOf(cause: unknown): HeimaError {
  return cause instanceof HeimaError ? cause : new HeimaError("network_error", String(cause));
}
