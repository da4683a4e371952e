import { fnv1a } from "../domain/fnv1a.ts";

/** The number of commands of a stream that are remembered. A retry of an older one is decided again. */
export const rememberedCommands = 500;

/** The number of last commands that are kept whole; for others the stream is read. A client mostly repeats its last command. */
const wholeCommands = 4;

/**
 * The result of a command: revision and position of its last event, the types of its events, and the affected books.
 */
export type KnownCommand = {
  readonly hash: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly types: readonly string[];
  readonly books: readonly string[];
};

/** The place of a command's events in their stream: the revision of the last one, and their number. */
export type CommandPlace = { readonly revision: bigint; readonly events: number };

/** An older command: the FNV-1a of its id, the revision of its last event, how many events it wrote. */
type OlderCommand = [fingerprint: number, revision: number, events: number];
const numbersEach = 3;

/** Measured on Node 20.20 with one event per command: 428 bytes; up to 854 while the id is fresh from `randomUUID` (a rope). */
const bytesOfCommand = 430;
/** Measured too: 8, and what an array holds in advance. */
const bytesOfNumber = 11;

const nowhere: readonly CommandPlace[] = [];

/**
 * The last commands of a stream: a few whole, of the older ones only where their events are, in a twelfth of the memory. So a process
 * keeps the states of many more readers.
 */
export class KnownCommands {
  /** By id, the oldest first. */
  readonly #whole: Map<string, KnownCommand>;
  /** Three numbers for each, the oldest first. */
  readonly #older: number[];

  constructor(whole: Iterable<readonly [id: string, command: KnownCommand]> = [], older: readonly OlderCommand[] = []) {
    this.#whole = new Map(whole);
    this.#older = older.flat();
  }

  /** The result of the command, if it is one of the latest. */
  find(id: string): KnownCommand | undefined {
    return this.#whole.get(id);
  }

  /**
   * The possible places of the events of an older command with this id, the latest first. They must be read, because
   * one in four billion other commands has the same fingerprint.
   */
  placesOf(id: string): readonly CommandPlace[] {
    const fingerprint = fnv1a(id);
    let places: CommandPlace[] | undefined;
    for (let index = this.#older.length - numbersEach; index >= 0; index -= numbersEach) {
      if (this.#older[index] !== fingerprint) continue;
      places ??= [];
      places.push({ revision: BigInt(this.#older[index + 1] ?? 0), events: this.#older[index + 2] ?? 0 });
    }
    return places ?? nowhere;
  }

  /** Remembers a command, or further events of the latest one, and forgets the oldest beyond the limit. */
  remember(id: string, command: KnownCommand): void {
    this.#whole.set(id, command);
    if (this.#whole.size <= wholeCommands) return;
    for (const [oldest, { revision, types }] of this.#whole) {
      this.#whole.delete(oldest);
      this.#older.push(fnv1a(oldest), Number(revision), types.length);
      break;
    }
    const maxOlder = (rememberedCommands - wholeCommands) * numbersEach;
    if (this.#older.length > maxOlder) this.#older.splice(0, numbersEach);
  }

  /** Forgets the oldest command if it has this id. */
  forgetOldest(id: string): void {
    if (this.#older.length === 0) {
      const [oldest] = this.#whole.keys();
      if (oldest === id) this.#whole.delete(id);
    } else if (this.#older[0] === fnv1a(id)) this.#older.splice(0, numbersEach);
  }

  get size(): number {
    return this.#whole.size + this.#older.length / numbersEach;
  }

  /** An estimate of the memory. */
  get bytes(): number {
    return this.#whole.size * bytesOfCommand + this.#older.length * bytesOfNumber;
  }

  /** The arguments of the constructor. */
  contents(): {
    readonly whole: readonly (readonly [string, KnownCommand])[];
    readonly older: readonly OlderCommand[];
  } {
    const older: OlderCommand[] = [];
    for (let index = 0; index < this.#older.length; index += numbersEach) {
      const [fingerprint = 0, revision = 0, events = 0] = this.#older.slice(index, index + numbersEach);
      older.push([fingerprint, revision, events]);
    }
    return { whole: [...this.#whole], older };
  }

  copy(): KnownCommands {
    const copied = new KnownCommands(this.#whole);
    for (const number of this.#older) copied.#older.push(number);
    return copied;
  }
}
