import { parse, v5 } from "uuid";
import type { CommandIdentity } from "./commandIdentity.ts";

/** Ours, made once at random. Another one would make every repeat of an old command a new event. */
const namespace = parse("5f0c7f1e-3d0b-4d7c-9a52-8f6f0b7c2e61");

/**
 * The id of the `index`-th event that a command writes into a stream: the same for each repeat. The hash is part of it because
 * the event store compares ids alone and answers success to the same ids with other data.
 */
export function eventIdOf(stream: string, { commandId, commandHash }: CommandIdentity, index: number): string {
  return v5(`${stream}\n${commandId}\n${commandHash}\n${index}`, namespace);
}
