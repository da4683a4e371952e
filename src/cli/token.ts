import { type Command, Option } from "commander";
import type { AccessTokens, Identity } from "../auth/accessTokens.ts";
import { newReaderId } from "../auth/accounts.ts";
import { type Role, roles } from "../auth/roles.ts";
import { parseReaderId } from "./account.ts";

export type TokenDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** Throws if development tokens are not allowed. */
  readonly developmentToken: (identity: Identity) => ReturnType<AccessTokens["issue"]>;
};

type Options = { readonly role: Role; readonly reader?: string; readonly json?: true };

const help = `
For development: no login, no account, no refresh token. Needs JWT_SECRETS and ALLOW_DEVELOPMENT_TOKENS=true, which
script/server sets; refused if NODE_ENV is production. Without --reader the token is for a random reader id without an
account. A token with the role operator has the role reader too. For roles of real accounts use heima account grant.

Example:
  curl -H "Authorization: Bearer $(heima token --role analyst)" http://127.0.0.1:8080/v1/analytics`;

/** Adds `heima token`. */
export function addToken(heima: Command, deps: TokenDependencies): void {
  heima
    .command("token")
    .description("print an access token with a role, for 15 minutes (development only)")
    .addOption(new Option("--role <role>", "the role").choices(roles).makeOptionMandatory())
    .option("--reader <id>", "the reader's id (default: a new one)", parseReaderId)
    .option("--json", "print token, reader and lifetime as JSON")
    .addHelpText("after", help)
    .action(({ role, reader = newReaderId(), json }: Options) => {
      // An analyst's token reaches what is for analysts, and nothing of readers; operators try what readers do.
      const given: readonly Role[] = role === "operator" ? ["reader", role] : [role];
      const identity = { readerId: reader, roles: given };
      const token = deps.developmentToken(identity);
      deps.stdout.write(json ? `${JSON.stringify({ ...token, reader: identity })}\n` : `${token.accessToken}\n`);
    });
}
