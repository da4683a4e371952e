import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RefreshRefused } from "../../src/auth/errors.ts";
import { createRefreshTokens, type RefreshTokens } from "../../src/auth/refreshTokens.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
const other = "01890a5d-ac96-774b-bcce-b302099a8058";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
/** As of two processes: nothing is shared but Postgres. */
let here: RefreshTokens;
let there: RefreshTokens;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 16, service: "test", logger: createLogger("test", "silent") });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query("TRUNCATE accounts CASCADE");
  await pool.query(
    "INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, 'o-1', now()), ($2, 'o-2', now())",
    [reader, other],
  );
  here = createRefreshTokens({ pool, lifetimeDays: 30 });
  there = createRefreshTokens({ pool, lifetimeDays: 30 });
});

const next = async (token: string, tokens = here) => (await tokens.rotate(token)).refreshToken;
const refusal = (token: string) =>
  here.rotate(token).then(
    () => "taken",
    (error: unknown) => (error instanceof RefreshRefused ? error.code : Promise.reject(error)),
  );
/** Lets the time of the rows pass: all that is written happened so much earlier. */
const pass = async (interval: string) => {
  await pool.query(
    "UPDATE refresh_tokens SET superseded_at = superseded_at - $1::interval, expires_at = expires_at - $1::interval",
    [interval],
  );
  await pool.query("UPDATE refresh_families SET expires_at = expires_at - $1::interval", [interval]);
};
const count = async (table: "refresh_families" | "refresh_tokens") =>
  (await pool.query(`SELECT count(*)::int AS rows FROM ${table}`)).rows[0].rows as number;

describe("a refresh token", () => {
  test("is 32 random bytes, and gives the next one and who it is for", async () => {
    const first = await here.issue(reader);
    expect(Buffer.from(first, "base64url")).toHaveLength(32);
    const { identity, refreshToken } = await here.rotate(first);
    expect(identity).toEqual({ readerId: reader, roles: ["reader"] });
    expect(refreshToken).not.toBe(first);
    expect(Buffer.from(refreshToken, "base64url")).toHaveLength(32);
  });

  test("gives the roles of today", async () => {
    const token = await here.issue(reader);
    await pool.query("UPDATE accounts SET roles = '{reader,operator}' WHERE reader_id = $1", [reader]);
    const operator = await here.rotate(token);
    expect(operator.identity.roles).toEqual(["reader", "operator"]);
    await pool.query("UPDATE accounts SET roles = '{reader}' WHERE reader_id = $1", [reader]);
    expect((await here.rotate(operator.refreshToken)).identity.roles).toEqual(["reader"]);
  });

  test("that nobody issued, and one whose account is gone, is not known", async () => {
    expect(await refusal("made-up")).toBe("refresh_token_invalid");
    const token = await here.issue(reader);
    await pool.query("DELETE FROM accounts WHERE reader_id = $1", [reader]);
    expect(await refusal(token)).toBe("refresh_token_invalid");
  });

  test("expires after its days, and each use gives the next one all of them", async () => {
    const first = await here.issue(reader);
    await pass("29 days");
    const second = await next(first);
    await pass("29 days");
    const third = await next(second);
    await pass("30 days");
    expect(await refusal(third)).toBe("refresh_token_expired");
  });
});

describe("parallel refreshes", () => {
  test("with one token, many at once in two processes, all succeed and stay in one family", async () => {
    for (let round = 0; round < 5; round++) {
      const first = await here.issue(reader);
      const tokens = await Promise.all(Array.from({ length: 24 }, (_, index) => next(first, index % 2 ? here : there)));
      expect(new Set(tokens).size).toBe(24);
      expect(await count("refresh_families")).toBe(round + 1);
    }
    const { rows } = await pool.query(
      "SELECT family_id, count(*)::int AS tokens, count(superseded_at)::int AS superseded FROM refresh_tokens GROUP BY family_id",
    );
    // The first token, superseded once, and a token for each refresh.
    expect(rows.map(({ tokens, superseded }) => [tokens, superseded])).toEqual(Array(5).fill([25, 1]));
  });

  test("with tokens of one generation, all at once, leave one generation to go on with", async () => {
    const first = await here.issue(reader);
    const siblings = await Promise.all(Array.from({ length: 12 }, () => next(first)));
    const children = await Promise.all(siblings.map((token) => next(token, there)));
    await pass("31 seconds");
    // Only one chain goes on: what a thief holds of it beside the reader shows at its next use.
    await next(children[3]!);
    await pass("31 seconds");
    expect(await refusal(children[4]!)).toBe("refresh_token_reused");
  });

  test("while the login is ended, all at once, leave nothing that works", async () => {
    for (let round = 0; round < 10; round++) {
      const first = await here.issue(reader);
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 6 }, () => next(first)),
        here.revoke(first).then(() => first),
        ...Array.from({ length: 6 }, () => next(first, there)),
      ]);
      for (const outcome of outcomes) {
        const token = outcome.status === "fulfilled" ? outcome.value : first;
        expect(await refusal(token)).toBe("refresh_token_revoked");
      }
    }
  });
});

describe("a token that was used", () => {
  test("gives another for 30 seconds, as when the answer was lost", async () => {
    const first = await here.issue(reader);
    const lost = await next(first);
    await pass("29 seconds");
    const kept = await next(first, there);
    expect(kept).not.toBe(lost);
    await pass("1 day");
    expect(await next(kept)).toBeTruthy();
  });

  test("revokes its family when it is used later, and no other", async () => {
    const first = await here.issue(reader);
    const second = await next(first);
    const elsewhere = await here.issue(reader);
    const ofAnother = await here.issue(other);
    await pass("30 seconds");
    expect(await refusal(first)).toBe("refresh_token_reused");
    expect(await refusal(second)).toBe("refresh_token_revoked");
    expect(await refusal(first)).toBe("refresh_token_revoked");
    expect(await next(elsewhere)).toBeTruthy();
    expect(await next(ofAnother)).toBeTruthy();
  });

  test("revokes its family when many use it late at once, and none of them gets anything", async () => {
    const first = await here.issue(reader);
    const second = await next(first);
    await pass("1 minute");
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => refusal(first)));
    expect(outcomes.filter((code) => code === "refresh_token_reused")).toHaveLength(1);
    expect(outcomes.filter((code) => code === "refresh_token_revoked")).toHaveLength(9);
    expect(await refusal(second)).toBe("refresh_token_revoked");
  });

  test("does not stretch its grace by being used in it", async () => {
    const first = await here.issue(reader);
    await next(first);
    await pass("20 seconds");
    await next(first);
    await pass("11 seconds");
    expect(await refusal(first)).toBe("refresh_token_reused");
  });
});

describe("a logout", () => {
  test("ends one login with all its tokens; repeated, or of a token that is not known, it changes nothing", async () => {
    const first = await here.issue(reader);
    const second = await next(first);
    const elsewhere = await here.issue(reader);
    for (const token of [first, first, second, "made-up"]) await here.revoke(token);
    expect(await refusal(first)).toBe("refresh_token_revoked");
    expect(await refusal(second)).toBe("refresh_token_revoked");
    expect(await next(elsewhere)).toBeTruthy();
  });
});

describe("what has expired is cleared away", () => {
  test("a family at a later login, with its tokens; one that lives stays", async () => {
    const lives = await here.issue(reader);
    await here.issue(other);
    await pass("29 days");
    const goesOn = await next(lives);
    await pass("1 day");
    await here.issue(reader);
    expect(await count("refresh_families")).toBe(2);
    // The first token of the family that lives has expired too, and goes at its next refresh.
    expect(await count("refresh_tokens")).toBe(3);
    await next(goesOn);
    expect(await count("refresh_tokens")).toBe(3);
  });
});
