/** The last revision that a stream may have; as `$tb` it means soft-deleted, as a revision it is the tombstone's. */
export const maxRevision = 9_223_372_036_854_775_807n;

/** The fields of a stream's metadata that affect reads. Zero means: not set. */
export type Retention = { truncateBefore: bigint; maxCount: bigint; maxAgeSeconds: bigint };

export const unlimited: Retention = { truncateBefore: 0n, maxCount: 0n, maxAgeSeconds: 0n };

/** `$$name` holds the metadata of `name`. */
export function isMetastream(stream: string): boolean {
  return stream.startsWith("$$");
}

export function metastreamOf(stream: string): string {
  return `$$${stream}`;
}

/** The stream whose metadata this one holds; undefined for streams without that meaning, as a metastream of a metastream. */
export function describedStream(stream: string): string | undefined {
  return isMetastream(stream) && !isMetastream(stream.slice(2)) ? stream.slice(2) : undefined;
}

/** Reads the retention from a `$metadata` event. Ignores data that are no JSON object, and invalid values. */
export function parseRetention(data: Buffer): Retention {
  const metadata = parseObject(data);
  const number = (key: string, least: number) => wholeNumber(data.toString(), key, metadata[key], least);
  return { truncateBefore: number("$tb", 0), maxCount: number("$maxCount", 1), maxAgeSeconds: number("$maxAge", 1) };
}

/** The metadata of a soft-deleted stream that is written to again: its earlier events stay hidden. */
export function undeleted(data: Buffer, firstRevision: bigint): Buffer {
  const fields = Object.entries({ ...parseObject(data), $tb: firstRevision }).map(
    ([key, value]) => `${JSON.stringify(key)}:${typeof value === "bigint" ? value : JSON.stringify(value)}`,
  );
  return Buffer.from(`{${fields.join(",")}}`);
}

function parseObject(data: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A whole number of at least `least`; one that a double cannot represent is parsed from the text. */
function wholeNumber(text: string, key: string, value: unknown, least: number): bigint {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) return 0n;
  if (Number.isSafeInteger(value)) return BigInt(value);
  const literal = [...text.matchAll(/"(\$\w+)"\s*:\s*(\d+)/g)].findLast((match) => match[1] === key)?.[2];
  const exact = BigInt(literal ?? value);
  return exact > maxRevision ? 0n : exact;
}

/** The metadata of a soft delete: it replaces earlier metadata. */
export const softDelete: Buffer = Buffer.from(`{"$tb":${maxRevision}}`);

export function isSoftDeleted(retention: Retention): boolean {
  return retention.truncateBefore === maxRevision;
}

/** The first revision that $maxCount and $tb leave visible. */
export function firstVisible(stream: string, lastRevision: bigint, retention: Retention): bigint {
  const maxCount = retention.maxCount || (isMetastream(stream) ? 1n : 0n);
  const byCount = maxCount > 0n ? lastRevision - maxCount + 1n : 0n;
  return byCount > retention.truncateBefore ? byCount : retention.truncateBefore;
}

/**
 * The first revision that a scavenge keeps: hidden events are removed, but the last event stays, even in a soft-deleted stream.
 * @param firstUnexpired the first revision that $maxAge leaves
 */
export function firstKept(stream: string, lastRevision: bigint, retention: Retention, firstUnexpired: bigint): bigint {
  const visible = firstVisible(stream, lastRevision, retention);
  const first = visible > firstUnexpired ? visible : firstUnexpired;
  return first < lastRevision ? first : lastRevision;
}

/** Events created before this have passed the stream's $maxAge. Times are ticks of 100 ns since the Unix epoch. */
export function oldestVisible(retention: Retention, now: bigint): bigint {
  return retention.maxAgeSeconds === 0n ? 0n : now - retention.maxAgeSeconds * 10_000_000n;
}

export function currentTicks(): bigint {
  return BigInt(Date.now()) * 10_000n;
}
