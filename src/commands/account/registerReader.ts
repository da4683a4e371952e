import { accountStream } from "../../domain/account/stream.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/** Registers a reader; no event if registered already. Rejects as HandleCommand does. */
export function registerReader(
  { handleCommand }: { readonly handleCommand: HandleCommand },
  { readerId, via }: { readerId: string; via: "wechat" },
  context: CommandContext,
): Promise<CommandResult> {
  const command = { type: "RegisterReader", via } as const;
  return handleCommand(accountStream, readerId, command, context);
}
