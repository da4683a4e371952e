import { accountStream } from "../../domain/account/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * Records the id of a reader's profile; no event if it is recorded already. `chooseId` is not called for a repeat. Rejects as
 * `chooseId` and HandleCommand do.
 */
export function recordProfile(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { readerId, chooseId }: { readerId: string; chooseId: () => Promise<string> },
  context: CommandContext,
): Promise<CommandResult> {
  const name = "ChangeProfile";
  const prepare = async () => ({ type: name, profileId: await chooseId(), via: "wechat" }) as const;
  return handleCommand(accountStream, readerId, { name, prepare }, context);
}
