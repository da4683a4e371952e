import { type Stored, storedUnder } from "./storage.js";
import type { Wx } from "./wx.js";

export type Things = Map<string, unknown>;

/** The token of the changes that the copy has, and its reader; both undefined for a copy that is empty. */
export interface CopyState {
  token: string | undefined;
  readerId: string | undefined;
}

export const nothing: CopyState = { token: undefined, readerId: undefined };

/** The copy in the storage: never a token without its things, nor with those of another reader. None of its promises rejects. */
export interface StoredCopy<Kind extends string> {
  /** The copy that is there; without a token and its reader, nothing. */
  read(): { state: CopyState; things: Record<Kind, Things> };
  writeThings(kinds: readonly Kind[], things: Record<Kind, Things>): Promise<void>;
  /** To be called when the things until this token are written. */
  writeState(state: CopyState): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Each kind is under a key of its own, and the state is written after the things and removed before them: whatever a kill or a full storage
 * interrupts, the things are at least as new as the token. After a write that failed, `onNotStored` is told, and nothing is written until
 * the copy is removed: a later token would be without the things that are missing.
 */
export function storedCopy<Kind extends string>(
  wx: Wx,
  storageKey: string,
  kinds: readonly Kind[],
  onNotStored: (error: Error) => void,
): StoredCopy<Kind> {
  const storedState = storedUnder<CopyState>(wx, storageKey);
  const storedThings = {} as Record<Kind, Stored<[key: string, value: unknown][]>>;
  for (const kind of kinds) storedThings[kind] = storedUnder(wx, `${storageKey}.${kind}`);
  let isWhole = true;

  const tellNotStored = (error: Error) => {
    isWhole = false;
    onNotStored(error);
  };
  const write = async (writes: () => Promise<unknown>): Promise<void> => {
    if (isWhole) await writes().catch(tellNotStored);
  };

  return {
    read() {
      const known = storedState.read() ?? nothing;
      // Without a token and its reader the copy cannot be trusted.
      const state = known.token === undefined || known.readerId === undefined ? nothing : known;
      const things = {} as Record<Kind, Things>;
      for (const kind of kinds)
        things[kind] = new Map((state === nothing ? undefined : storedThings[kind].read()) ?? []);
      return { state, things };
    },
    writeThings: (touched, things) =>
      write(() => Promise.all(touched.map((kind) => storedThings[kind].write(Array.from(things[kind]))))),
    writeState: (state) => write(() => storedState.write(state)),
    async remove() {
      try {
        // A storage that removes nothing may still take two bytes: without its token the copy is not read again.
        await storedState.remove().catch(() => storedState.write(nothing));
        await Promise.all(kinds.map((kind) => storedThings[kind].remove()));
        isWhole = true;
      } catch (error) {
        tellNotStored(error as Error);
      }
    },
  };
}
