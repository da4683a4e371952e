import { createSecretKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAccessTokens } from "../../src/auth/accessTokens.ts";
import { grantRole, revokeRole } from "../../src/auth/accounts.ts";
import { developmentToken } from "../../src/auth/developmentTokens.ts";
import { markErased } from "../../src/auth/erasure/markErased.ts";
import { createRefreshTokens } from "../../src/auth/refreshTokens.ts";
import type { CliDependencies } from "../../src/cli/program.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";
import { runWith } from "./fixtures.ts";

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
const nobody = "01890a5d-ac96-774b-bcce-b302099a8058";

describe("heima account", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let pool: Pool;
  let deps: Partial<CliDependencies>;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = createPool({ url: database.url, max: 2, service: "test", logger: createLogger("test", "silent") });
    await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, 'o-1', now())", [reader]);
    deps = {
      grantRole: ({ readerId, role }) => grantRole(pool, readerId, role),
      revokeRole: ({ readerId, role }) => revokeRole(pool, readerId, role),
    };
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const account = (...args: string[]) => runWith(["account", ...args], deps);

  test("grants a role, once however often it is granted, and takes it again", async () => {
    const granted = { code: 0, stderr: "", stdout: `${reader}: reader, operator\n` };
    expect(await account("grant", "--reader", reader, "--role", "operator")).toMatchObject(granted);
    expect(await account("grant", "--reader", reader.toUpperCase(), "--role", "operator")).toMatchObject(granted);
    const both = await account("grant", "--reader", reader, "--role", "analyst", "--json");
    expect(JSON.parse(both.stdout)).toEqual({ readerId: reader, roles: ["reader", "operator", "analyst"] });
    const revoked = { code: 0, stdout: `${reader}: reader, analyst\n` };
    expect(await account("revoke", "--reader", reader, "--role", "operator")).toMatchObject(revoked);
    expect(await account("revoke", "--reader", reader, "--role", "operator")).toMatchObject(revoked);
  });

  test("makes the difference at the next refresh", async () => {
    const refreshTokens = createRefreshTokens({ pool, lifetimeDays: 30 });
    const token = await refreshTokens.issue(reader);
    await account("grant", "--reader", reader, "--role", "operator");
    const granted = await refreshTokens.rotate(token);
    expect(granted.identity.roles).toContain("operator");
    await account("revoke", "--reader", reader, "--role", "operator");
    expect((await refreshTokens.rotate(granted.refreshToken)).identity.roles).not.toContain("operator");
  });

  test("fails for a reader who is not known", async () => {
    const ended = await account("grant", "--reader", nobody, "--role", "operator");
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain(`there is no account ${nobody}`);
  });

  test("fails for an account that was erased, and changes nothing", async () => {
    const erased = "01890a5d-ac96-774b-bcce-b302099a8059";
    await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, 'o-2', now())", [erased]);
    await markErased(pool, erased);
    for (const change of ["grant", "revoke"]) {
      const ended = await account(change, "--reader", erased, "--role", "operator");
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toContain(`there is no account ${erased}`);
    }
    const { rows } = await pool.query("SELECT roles FROM accounts WHERE reader_id = $1", [erased]);
    expect(rows).toEqual([{ roles: [] }]);
  });

  test.each([
    ["no reader", ["grant", "--role", "operator"]],
    ["no role", ["grant", "--reader", reader]],
    ["a role that does not exist", ["grant", "--reader", reader, "--role", "root"]],
    ["the role that all have", ["revoke", "--reader", reader, "--role", "reader"]],
    ["a reader's id that is none", ["grant", "--reader", "daiyu", "--role", "operator"]],
  ])("refuses %s with 2", async (_what, args) => {
    expect(await account(...args)).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("heima token", () => {
  const JWT_SECRETS = "k1:a secret of the tests of 32 bytes and more";
  const tokens = createAccessTokens([{ kid: "k1", key: createSecretKey(Buffer.from(JWT_SECRETS.slice(3))) }]);
  const allowed = { JWT_SECRETS, ALLOW_DEVELOPMENT_TOKENS: "true" };
  const token = (args: readonly string[], environment: NodeJS.ProcessEnv = allowed) =>
    runWith(["token", ...args], { developmentToken: (identity) => developmentToken(environment, identity) });

  test("prints a token with the role, of a new reader or of the one that is named", async () => {
    const first = await token(["--role", "analyst"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const { readerId, roles } = tokens.verify(first.stdout.trim());
    expect(roles).toEqual(["analyst"]);
    expect(tokens.verify((await token(["--role", "operator"])).stdout.trim()).roles).toEqual(["reader", "operator"]);
    expect(tokens.verify((await token(["--role", "analyst"])).stdout.trim()).readerId).not.toBe(readerId);

    const named = JSON.parse((await token(["--role", "operator", "--reader", reader, "--json"])).stdout);
    expect(named).toMatchObject({ expiresIn: 900, reader: { readerId: reader, roles: ["reader", "operator"] } });
    expect(tokens.verify(named.accessToken)).toEqual(named.reader);
  });

  test.each([
    ["in production", { ...allowed, NODE_ENV: "production" }, "NODE_ENV is production"],
    ["where it is not allowed", { JWT_SECRETS }, "ALLOW_DEVELOPMENT_TOKENS=true"],
    ["where it is forbidden", { ...allowed, ALLOW_DEVELOPMENT_TOKENS: "false" }, "ALLOW_DEVELOPMENT_TOKENS=true"],
    ["without a secret", { ALLOW_DEVELOPMENT_TOKENS: "true" }, "JWT_SECRETS: is not set"],
  ])("prints none %s", async (_where, environment, why) => {
    const ended = await token(["--role", "analyst"], environment);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain(why);
  });

  test("says in its help that it is for development only", async () => {
    const { stdout } = await token(["--help"]);
    expect(stdout).toContain("development only");
    expect(stdout).toContain("refused if NODE_ENV is production");
  });
});
