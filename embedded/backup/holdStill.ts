import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FolderInUse, lockFolder } from "../folderLock.ts";
import { postgresIn } from "../postgres/postgresIn.ts";
import { readGiven } from "../supervisor/givenFile.ts";

export type Held = {
  /** The Postgres of a running stack; undefined for a stopped one. */
  readonly url: string | undefined;
  readonly release: () => void;
};

/**
 * Holds a stopped stack: until it is released neither a stack nor a single engine starts in its folder. A running stack is not held.
 * @throws Error when the stack is starting or stopping, Postgres or an event store runs without it, a part that is copied was
 * given, or the folder is not writable.
 */
export async function holdStill(dataDir: string): Promise<Held> {
  const releases: (() => void)[] = [];
  const release = () => {
    for (const free of releases.splice(0).reverse()) free();
  };
  try {
    releases.push(lock(dataDir, "supervisor.lock", "it runs, or is being backed up"));
  } catch (error) {
    if (error instanceof FolderInUse) return { url: await urlOfRunning(dataDir), release };
    throw error;
  }
  try {
    requireOwn(await readGiven(dataDir), `the stack in ${dataDir} last ran`);
    releases.push(lock(dataDir, "postgres.lock", "its Postgres runs without a stack, stop it first"));
    releases.push(lock(join(dataDir, "eventstore"), "lock", "it runs without a stack, stop it first"));
    await requireNoPostgres(join(dataDir, "postgres"));
    return { url: undefined, release };
  } catch (error) {
    release();
    throw error;
  }
}

function lock(folder: string, file: string, advice: string): () => void {
  try {
    return lockFolder(folder, file, advice);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS") throw error;
    throw new Error(
      `${folder} may not be written (${code}), so nothing keeps a stack from starting in it meanwhile: back up as the user who runs it, or copy the folder with cp -a while nothing can use it`,
    );
  }
}

/** The process that started it may have been killed: then its lock is free while Postgres still runs or is ending. */
async function requireNoPostgres(postgres: string): Promise<void> {
  const pids = await postgresIn(postgres);
  if (pids.length > 0)
    throw new Error(
      `a Postgres runs in ${postgres} without a stack, as process ${pids.join(", ")}: wait until it has ended, or stop it`,
    );
}

function requireOwn(given: readonly string[], stackRuns: string): void {
  const copied = ["postgres", "eventstore"].filter((name) => given.includes(name));
  if (copied.length > 0)
    throw new Error(
      `${stackRuns} with servers that were given (${copied.join(", ")}), which are backed up by their own means, and so is what belongs to them`,
    );
}

type State = {
  readonly environment: { readonly DATABASE_URL: string };
  readonly processes: Readonly<Record<string, unknown>>;
  /** Undefined in a state file of an earlier release. */
  readonly given?: readonly string[];
};

async function urlOfRunning(dataDir: string): Promise<string> {
  const text = await readFile(join(dataDir, "supervisor.json"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Error(`the stack in ${dataDir} is starting or stopping, or is being backed up`);
    throw error;
  });
  const { environment, processes, given }: State = JSON.parse(text);
  requireOwn(given ?? [], `the stack in ${dataDir} runs`);
  const missing = ["postgres", "eventstore"].filter((name) => processes[name] === undefined);
  if (missing.length === 0) return environment.DATABASE_URL;
  const orGiven =
    given === undefined ? ", or runs with servers that were given and are backed up by their own means" : "";
  throw new Error(`the stack in ${dataDir} is starting (${missing.join(", ")})${orGiven}`);
}
