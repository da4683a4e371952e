import type { GetChangesAnswer, GetPreferencesAnswer, GetSettingsAnswer } from "./api.js";
import type { Client } from "./client.js";
import { HeimaError, requireAnswerOfApi } from "./errors.js";
import { oneAtATime } from "./oneAtATime.js";
import { nothing, storedCopy } from "./storedCopy.js";
import { tell } from "./tell.js";
import type { Wx } from "./wx.js";

/** What GET /v1/changes tells of each kind of thing. */
export interface CopiedValues {
  /** A book on the shelf; a greater `order` is nearer to the front. */
  book: { addedAt: string; pinned: boolean; group: string | null; order: string };
  /** A smaller `order` is nearer to the front. */
  group: { name: string; order: string };
  /** The latest place in a book, as its device reported it. */
  place: { chapterId: string; chapterNo: number; offset: number; readAt: string; deviceId: string };
  /** A greater `visit` is later. */
  history: { openedAt: string; visit: number };
  preferences: Omit<GetPreferencesAnswer, "changedAt">;
  settings: Omit<GetSettingsAnswer, "changedAt">;
}

export type CopiedKind = keyof CopiedValues;

/** WeChat could not store or remove the copy. It is right until the mini-program is killed; the next start has what was stored before, or nothing. */
export type CopyProblem = { kind: "not_stored"; error: Error };

export interface LocalCopyOptions {
  client: Client;
  wx: Wx;
  /** What it throws goes to `App.onError`. */
  onProblem?(problem: CopyProblem): void;
  /** Where it is kept in the storage; `heima.copy` unless given. */
  storageKey?: string;
}

/** The reader's own things on this device, to be shown without a network. */
export interface LocalCopy {
  /** Brings it up to what the server has. Rejects with a HeimaError; what came until then is kept. Ends early at a `clear`. */
  sync(): Promise<void>;
  /** One thing. The key of preferences and settings is empty. */
  get<Kind extends CopiedKind>(kind: Kind, key: string): CopiedValues[Kind] | undefined;
  /** All things of a kind, by key. */
  all<Kind extends CopiedKind>(kind: Kind): ReadonlyMap<string, CopiedValues[Kind]>;
  /** Forgets all of it: the reader was erased, or logged out. What is under way does not bring it back. Never rejects. */
  clear(): Promise<void>;
}

const kinds: readonly CopiedKind[] = ["book", "group", "place", "history", "preferences", "settings"];

/**
 * Keeps a copy of what GET /v1/changes tells: each kind under a key of its own (`heima.copy.book`), and the token, which is stored
 * last: after a kill between the two, changes that are there come again, which alters nothing. Without a token, after 90 days, or for
 * another reader it starts over with nothing.
 */
export function createLocalCopy(options: LocalCopyOptions): LocalCopy {
  const { client, wx, storageKey = "heima.copy" } = options;
  const stored = storedCopy(wx, storageKey, kinds, (error) =>
    tell(() => {
      if (options.onProblem !== undefined) options.onProblem({ kind: "not_stored", error });
    }),
  );
  const before = stored.read();
  const { things } = before;
  let { state } = before;
  const syncing = oneAtATime<void>();
  /** Raised by `clear`: answers to requests of before are not applied any more. */
  let generation = 0;

  function startOver(): Promise<void> {
    state = nothing;
    for (const kind of kinds) things[kind] = new Map();
    return stored.remove();
  }

  function apply({ items }: GetChangesAnswer): Promise<void> {
    const touched = kinds.filter((kind) => items.some((item) => item.kind === kind));
    for (const { kind, key, value } of items) {
      if (value === null) things[kind].delete(key);
      else things[kind].set(key, value);
    }
    return stored.writeThings(touched, things);
  }

  async function syncAll(): Promise<void> {
    const begun = generation;
    const isCleared = () => begun !== generation;
    const loggedIn = client.readerId();
    if (loggedIn !== undefined && state.token !== undefined && loggedIn !== state.readerId) {
      await startOver();
      // A logout in the meantime stays one.
      if (!isCleared() && client.readerId() === undefined)
        throw new HeimaError("logged_out", "Nobody is logged in any more.");
    }
    // Only the first request may log in; the others are of the same reader.
    let only: { onlyAs?: string | undefined } = {};
    for (let more = true; more && !isCleared(); ) {
      const { token, readerId: knownReader } = state;
      try {
        const query = token === undefined ? {} : { since: token };
        const { body, readerId } = await client.exchange("GET /v1/changes", { query, ...only });
        if (isCleared()) return;
        requireAnswerOfApi(Array.isArray(body.items) && typeof body.token === "string");
        only = { onlyAs: readerId };
        const isOfAnother = token !== undefined && readerId !== knownReader;
        if (token === undefined || isOfAnother) await startOver();
        // What changed since another reader's token is no whole copy.
        if (isOfAnother) continue;
        if (!isCleared()) await apply(body);
        if (isCleared()) return;
        state = { token: body.token, readerId };
        await stored.writeState(state);
        more = body.more;
      } catch (error) {
        if (isCleared()) return;
        // The session had ended, and the login was another reader's: whose copy it becomes.
        if (only.onlyAs === undefined && error instanceof HeimaError && error.code === "reader_changed")
          return syncAll();
        if (!(error instanceof HeimaError) || token === undefined || !startsOver(error)) throw error;
        await startOver();
        only = { onlyAs: client.readerId() };
        // Nobody any more: the reader was erased, or has logged out.
        if (only.onlyAs === undefined) throw error;
      }
    }
  }

  return {
    sync: () => syncing.join(syncAll),
    get: <Kind extends CopiedKind>(kind: Kind, key: string) => things[kind].get(key) as CopiedValues[Kind] | undefined,
    all: <Kind extends CopiedKind>(kind: Kind) => new Map(things[kind]) as Map<string, CopiedValues[Kind]>,
    clear() {
      generation++;
      syncing.leave();
      return startOver();
    },
  };
}

/** The token tells nothing any more. */
function startsOver({ code, status }: HeimaError): boolean {
  return (code === "token_expired" && status === 410) || code === "reader_erased";
}
