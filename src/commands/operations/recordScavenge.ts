import { scavengesStream } from "../../domain/operations/streams.ts";
import type { CommandContext, HandleCommand } from "../types.ts";

type Dependencies = { readonly handleCommand: HandleCommand };

/** The ScavengeBegun event of a scavenge: its log position and its revision. */
export type ScavengeMarker = { readonly position: bigint; readonly revision: bigint };

/**
 * Writes the marker of a scavenge. Undefined if another one is under way, unless `force` considers that one dead. Rejects as
 * HandleCommand does.
 */
export async function beginScavenge(
  { handleCommand }: Dependencies,
  { begunBy, force }: { readonly begunBy: string; readonly force: boolean },
  context: CommandContext,
): Promise<ScavengeMarker | undefined> {
  const command = { type: "BeginScavenge", begunBy, force } as const;
  const { position, revision, events } = await handleCommand(scavengesStream, "scavenge", command, context);
  return events.length === 0 || position === null || revision === null ? undefined : { position, revision };
}

/** Records the end of a scavenge, unless another one has replaced it. Rejects as HandleCommand does. */
export async function endScavenge(
  { handleCommand }: Dependencies,
  { marker, result }: { readonly marker: ScavengeMarker; readonly result: string },
  context: CommandContext,
): Promise<void> {
  const command = { type: "EndScavenge", marker: Number(marker.revision), result } as const;
  await handleCommand(scavengesStream, "scavenge", command, context);
}
