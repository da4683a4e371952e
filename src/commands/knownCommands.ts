/** How many commands of a stream are remembered. A retry of an older one is decided again. */
export const rememberedCommands = 500;

/** Of how many of these, the last, the stream need not be read again: a client mostly repeats what it has just sent. */
const detailedCommands = 4;

/** What a command wrote: revision and position of its last event, the types of its events, and the affected books. */
export type KnownCommand = {
  readonly hash: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly types: readonly string[];
  readonly books: readonly string[];
};

/** Where the events of a command are in its stream. */
export type CommandPlace = { readonly revision: bigint; readonly events: number };

/** Measured on Node 20.20 with one event per command: 428 bytes; up to 854 while the id is fresh from `randomUUID` (a rope). */
const bytesOfDetails = 430;
/** Measured too: 8, and what an array holds in advance. */
const bytesOfNumber = 11;

/** The numbers of an older command: the fingerprint of its id, the revision of its last event, how many events it wrote. */
const numbersEach = 3;

/**
 * The last commands of a stream: the very last in detail, of older ones only where their events are, in a twelfth of the memory. So a
 * process keeps the states of many more readers.
 */
export class KnownCommands {
  /** By id, the oldest first. */
  readonly #detailed: Map<string, KnownCommand>;
  /** The oldest first. */
  readonly #older: number[];

  constructor(detailed: Iterable<readonly [id: string, command: KnownCommand]> = [], older: readonly number[] = []) {
    this.#detailed = new Map(detailed);
    this.#older = [...older];
  }

  copy(): KnownCommands {
    return new KnownCommands(this.#detailed, this.#older);
  }

  /** What the command wrote, if it is one of the last. */
  find(id: string): KnownCommand | undefined {
    return this.#detailed.get(id);
  }

  /**
   * Where the events of an older command are, if it is remembered: they must be read to learn what it wrote. One id in ten million has a
   * place though it is not remembered: the events there belong to another command.
   */
  placeOf(id: string): CommandPlace | undefined {
    const index = this.#detailed.has(id) ? -1 : this.#indexOf(id);
    if (index < 0) return undefined;
    return { revision: BigInt(this.#older[index + 1] ?? 0), events: this.#older[index + 2] ?? 0 };
  }

  /** The last command with its id. */
  last(): readonly [id: string, command: KnownCommand] | undefined {
    return [...this.#detailed].at(-1);
  }

  /** Remembers a command, or further events of the latest one, and forgets the oldest beyond the limit. */
  remember(id: string, command: KnownCommand): void {
    this.#detailed.set(id, command);
    if (this.#detailed.size <= detailedCommands) return;
    for (const [oldest, { revision, types }] of this.#detailed) {
      this.#detailed.delete(oldest);
      this.#older.push(fingerprintOf(oldest), Number(revision), types.length);
      break;
    }
    const most = (rememberedCommands - detailedCommands) * numbersEach;
    if (this.#older.length > most) this.#older.splice(0, numbersEach);
  }

  forget(id: string): void {
    if (this.#detailed.delete(id)) return;
    const index = this.#indexOf(id);
    if (index >= 0) this.#older.splice(index, numbersEach);
  }

  get size(): number {
    return this.#detailed.size + this.#older.length / numbersEach;
  }

  /** An estimate of the memory. */
  get bytes(): number {
    return this.#detailed.size * bytesOfDetails + this.#older.length * bytesOfNumber;
  }

  /** What the constructor takes. */
  contents(): { readonly detailed: readonly (readonly [string, KnownCommand])[]; readonly older: readonly number[] } {
    return { detailed: [...this.#detailed], older: [...this.#older] };
  }

  #indexOf(id: string): number {
    const fingerprint = fingerprintOf(id);
    for (let index = this.#older.length - numbersEach; index >= 0; index -= numbersEach) {
      if (this.#older[index] === fingerprint) return index;
    }
    return -1;
  }
}

/** FNV-1a of the UTF-16 units, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv). */
function fingerprintOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
