import { accountStream } from "../../domain/account/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/** Records the id of a reader's profile; no event if it is recorded already. Rejects as HandleCommand does. */
export function recordProfile(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { readerId, profileId }: { readerId: string; profileId: string },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "ChangeProfile", profileId, via: "wechat" } as const;
  return handleCommand(accountStream, readerId, command, context);
}
