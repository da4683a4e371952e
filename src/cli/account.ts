import { type Command, InvalidArgumentError, Option } from "commander";
import type { Role } from "../auth/roles.ts";
import { readerId } from "../domain/ids.ts";

/** Roles that can be granted; every account has the role reader. */
export type GivenRole = Exclude<Role, "reader">;

export type RoleChange = { readonly readerId: string; readonly role: GivenRole };

export type AccountDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** The account's roles after the change; undefined if there is no such account. */
  readonly grantRole: (change: RoleChange) => Promise<readonly string[] | undefined>;
  readonly revokeRole: (change: RoleChange) => Promise<readonly string[] | undefined>;
};

type Options = { readonly reader: string; readonly role: GivenRole; readonly json?: true };

const help = `
Operators upload books and manage read models; analysts read the event log. The reader's id is in the responses of the login
and of GET /v1/me. Access tokens contain the roles of the account: a new role takes effect at the next refresh or login; a
revoked one stays valid for at most 15 minutes.

Examples:
  heima account grant --reader 01890a5d-ac96-774b-bcce-b302099a8057 --role operator
  heima account revoke --reader 01890a5d-ac96-774b-bcce-b302099a8057 --role operator`;

/** Adds `heima account grant` and `heima account revoke`. Both are idempotent. */
export function addAccount(heima: Command, deps: AccountDependencies): void {
  const account = heima.command("account").description("manage the roles of accounts");
  const add = (name: "grant" | "revoke", description: string, change: AccountDependencies["grantRole"]) =>
    account
      .command(name)
      .description(description)
      .requiredOption("--reader <id>", "the reader's id", parseReaderId)
      .addOption(new Option("--role <role>", "the role").choices(["operator", "analyst"]).makeOptionMandatory())
      .option("--json", "print the account's roles as JSON")
      .addHelpText("after", help)
      .action(async ({ reader, role, json }: Options) => {
        const roles = await change({ readerId: reader, role });
        if (roles === undefined)
          throw new Error(`there is no account ${reader}; a reader has one after the first login`);
        deps.stdout.write(
          json ? `${JSON.stringify({ readerId: reader, roles })}\n` : `${reader}: ${roles.join(", ")}\n`,
        );
      });
  add("grant", "grant a role to an account", deps.grantRole);
  add("revoke", "revoke a role from an account", deps.revokeRole);
}

/** Parses a reader id. Throws InvalidArgumentError. */
export function parseReaderId(value: string): string {
  const parsed = readerId.safeParse(value.toLowerCase());
  if (!parsed.success) throw new InvalidArgumentError("It must be a UUID.");
  return parsed.data;
}
