import type { Document } from "../documents/document.ts";
import type { Failure } from "../json/failure.ts";
import type { Dictionaries } from "./dictionary.ts";
import { createShard } from "./shard.ts";

export type VersionType = "internal" | "external" | "external_gte";

/** The conditions of a write on the existing document. */
export type Condition = {
  readonly version?: number;
  readonly versionType?: VersionType;
  readonly ifSeqNo?: number;
  readonly ifPrimaryTerm?: number;
  readonly create?: boolean;
};

export type Written = {
  readonly version: number;
  readonly seqNo: number;
  readonly result: "created" | "updated" | "deleted" | "not_found";
};
export type Current = { readonly version: number; readonly seqNo: number; readonly document: Document | undefined };

type Entry = Current & { readonly deletedAt: number };

/**
 * The documents of an index by id, with their versions: writes are seen here at once, by search after a refresh.
 * `conflict` creates the failure of a version conflict; `tombstones` is how long a delete is remembered, in milliseconds.
 */
export function createEngine(
  conflict: (id: string, why: string) => Failure,
  tombstones: () => number,
  now: () => number,
  dictionaries: Dictionaries,
) {
  const shard = createShard(dictionaries);
  const entries = new Map<string, Entry>();
  let nextSeqNo = 0;

  function known(id: string): Entry | undefined {
    const entry = entries.get(id);
    if (entry === undefined || entry.document !== undefined) return entry;
    if (now() - entry.deletedAt <= tombstones()) return entry;
    entries.delete(id);
    return undefined;
  }

  function check(id: string, entry: Entry | undefined, condition: Condition): void {
    const alive = entry?.document === undefined ? undefined : entry;
    const { version = 0, versionType = "internal", ifSeqNo, ifPrimaryTerm = 1 } = condition;
    if (condition.create === true && alive !== undefined) {
      throw conflict(id, `document already exists (current version [${alive.version}])`);
    }
    if (ifSeqNo !== undefined) {
      const wanted = `required seqNo [${ifSeqNo}], primary term [${ifPrimaryTerm}].`;
      if (alive === undefined) throw conflict(id, `${wanted} but no document was found`);
      if (alive.seqNo !== ifSeqNo || ifPrimaryTerm !== 1) {
        throw conflict(id, `${wanted} current document has seqNo [${alive.seqNo}] and primary term [1]`);
      }
    }
    if (versionType === "internal" || entry === undefined) return;
    const tooLow = versionType === "external" ? version <= entry.version : version < entry.version;
    const how = versionType === "external" ? "higher or equal to" : "higher than";
    if (tooLow) throw conflict(id, `current version [${entry.version}] is ${how} the one provided [${version}]`);
  }

  const nextVersion = (entry: Entry | undefined, { version, versionType = "internal" }: Condition) =>
    versionType === "internal" ? (entry?.version ?? 0) + 1 : version!;

  return {
    /** Throws the failure that `index` would, without writing. */
    check: (id: string, condition: Condition): void => check(id, known(id), condition),

    index(document: Document, condition: Condition): Written {
      const entry = known(document.id);
      check(document.id, entry, condition);
      const version = nextVersion(entry, condition);
      const seqNo = nextSeqNo++;
      entries.set(document.id, { version, seqNo, document, deletedAt: 0 });
      shard.index(now(), document, version, seqNo);
      return { version, seqNo, result: entry?.document === undefined ? "created" : "updated" };
    },

    delete(id: string, condition: Condition): Written {
      const entry = known(id);
      check(id, entry, condition);
      const version = nextVersion(entry, condition);
      const seqNo = nextSeqNo++;
      entries.set(id, { version, seqNo, document: undefined, deletedAt: now() });
      shard.delete(now(), id);
      return { version, seqNo, result: entry?.document === undefined ? "not_found" : "deleted" };
    },

    get(id: string): Current | undefined {
      const entry = known(id);
      return entry?.document === undefined ? undefined : entry;
    },

    count: () => [...entries.values()].filter(({ document }) => document !== undefined).length,
    shard,
  };
}

export type Engine = ReturnType<typeof createEngine>;
