import { createHash } from "node:crypto";
import { parse } from "uuid";
import type { CommandIdentity } from "./commandIdentity.ts";

/** Ours, made once at random. Another one would make every repeat of an old command a new event. */
const namespace = parse("5f0c7f1e-3d0b-4d7c-9a52-8f6f0b7c2e61");

/**
 * The id of the `index`-th event that a command writes into a stream: the same for each repeat. The hash is part of it because
 * the event store compares ids alone and answers success to the same ids with other data.
 */
export function eventIdOf(stream: string, { commandId, commandHash }: CommandIdentity, index: number): string {
  return nameBased(`${stream}\n${commandId}\n${commandHash}\n${index}`);
}

/** A UUIDv5 (RFC 9562, 5.5). That of the package `uuid` gives the same for 15 µs of CPU, this for 6. */
function nameBased(name: string): string {
  const bytes = createHash("sha1").update(namespace).update(name).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex", 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
