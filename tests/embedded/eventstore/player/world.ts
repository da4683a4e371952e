import { randomBytes } from "node:crypto";
import type { Json } from "./scenario.ts";

/** The names and ids of one scenario in this run, and the positions of its events in the order of appearance. */
export type World = {
  prefix: string;
  /** A name of the scenario as a stream of this run; `^name` is used unchanged. */
  streamName(name: string): string;
  /** A text of this run in the form of the scenario. */
  plain(text: string): string;
  uuid(id: number | string): string;
  /** `#n` for an id of the scenario, `server-made` for others. */
  idOf(uuid: string): string;
  payload(data: string | number | undefined): Buffer;
  /** A position in an answer; those of the scenario's own events are recorded, to be ranked. */
  position(at: bigint, same: boolean, ofEvent: boolean): Position;
  positions: bigint[];
};

/** A position until all are known, and then its rank. */
export class Position {
  readonly at: bigint;
  readonly same: boolean;

  constructor(at: bigint, same: boolean) {
    this.at = at;
    this.same = same;
  }
}

/** An answer in the form of the recordings, save for positions. */
export type Ranked = Json | Position | undefined | Ranked[] | { [key: string]: Ranked };

const run = randomBytes(4).toString("hex");

export function createWorld(number: number): World {
  // All of the same length, so that no scenario's names begin with another one's.
  const prefix = `${run}x${String(number).padStart(4, "0")}`;
  const idHead = `${run}-${number.toString(16).padStart(4, "0")}-4000-8000-`;
  const positions: bigint[] = [];

  function streamName(name: string): string {
    if (name.startsWith("^")) return name.slice(1);
    const [, sigils, rest] = /^(\${0,2})(.*)$/s.exec(name) as unknown as [string, string, string];
    return `${sigils}${prefix}-${rest}`;
  }

  return {
    prefix,
    positions,
    streamName,
    plain: (text) => text.replaceAll(`${prefix}-`, ""),
    uuid: (id) => (typeof id === "string" ? id : `${idHead}${id.toString(16).padStart(12, "0")}`),
    idOf: (uuid) => (uuid.startsWith(idHead) ? `#${Number.parseInt(uuid.slice(idHead.length), 16)}` : "server-made"),
    payload(data) {
      if (data === undefined) return Buffer.alloc(0);
      if (typeof data === "number") return Buffer.alloc(data, "x");
      if (data.startsWith("base64:")) return Buffer.from(data.slice("base64:".length), "base64");
      return Buffer.from(data.replace(/\{([$\w-]+)\}/g, (_, name: string) => streamName(name)));
    },
    position(at, same, ofEvent) {
      if (ofEvent) positions.push(at);
      return new Position(at, same);
    },
  };
}

/**
 * Replaces positions by ranks: `@2` is that of the scenario's third event, `>2` is after it, `<0` before all.
 */
export function rank(answer: Ranked, positions: readonly bigint[]): Json {
  const sorted = [...new Set(positions)].sort((a, b) => (a < b ? -1 : 1));

  function rankOf({ at, same }: Position): string {
    if (at === 0xffff_ffff_ffff_ffffn) return "the end";
    const index = sorted.findIndex((known) => known >= at);
    const place =
      sorted[index] === at ? `@${index}` : index === 0 ? "<0" : `>${(index < 0 ? sorted.length : index) - 1}`;
    return same ? place : `${place} prepare differs`;
  }

  function walk(value: Ranked): Json {
    if (value instanceof Position) return rankOf(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value ?? null;
    const entries = Object.entries(value).filter(([, part]) => part !== undefined);
    return Object.fromEntries(entries.map(([key, part]) => [key, walk(part)]));
  }

  return walk(answer);
}
