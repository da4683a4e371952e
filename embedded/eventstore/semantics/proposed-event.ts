/**
 * An event as a client proposes it; omitted fields are undefined. An invalid id is replaced by an error message.
 */
export type ProposedEvent = {
  id: Buffer | string | undefined;
  type: string | undefined;
  contentType: string | undefined;
  customMetadata: Buffer;
  data: Buffer;
};

export type ValidEvent = { id: Buffer; type: string; isJson: boolean; customMetadata: Buffer; data: Buffer };

export type ProposalFault =
  | { kind: "missing_metadata"; property: "type" | "content-type" }
  | { kind: "too_large" }
  | { kind: "invalid"; reason: string };

/** The size of an append in bytes, counted as EventStoreDB does. */
export const maxAppendSize = 1_048_576;

const zeroId = Buffer.alloc(16);

/** Checks the events of one append; the first error rejects the append. The messages are EventStoreDB's: clients may show them. */
export function validateEvents(
  proposed: readonly ProposedEvent[],
): { kind: "valid"; events: ValidEvent[] } | ProposalFault {
  const events: ValidEvent[] = [];
  let size = 0;
  for (const { id, type, contentType, customMetadata, data } of proposed) {
    if (id === undefined) return { kind: "invalid", reason: "Value cannot be null. (Parameter 'dto')" };
    if (typeof id === "string") return { kind: "invalid", reason: id };
    if (type === undefined) return { kind: "missing_metadata", property: "type" };
    if (contentType === undefined) return { kind: "missing_metadata", property: "content-type" };
    if (id.equals(zeroId)) return { kind: "invalid", reason: "Empty eventId provided. (Parameter 'eventId')" };
    if (type === "") return { kind: "invalid", reason: "Empty eventType provided. (Parameter 'eventType')" };
    // The type counts two bytes for each of its UTF-16 units, as .NET stores it.
    size += data.length + customMetadata.length + 2 * type.length;
    if (size > maxAppendSize) return { kind: "too_large" };
    events.push({ id, type, isJson: contentType === "application/json", customMetadata, data });
  }
  return { kind: "valid", events };
}
