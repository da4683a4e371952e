import { createHash, randomBytes } from "node:crypto";
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
/** As in two processes: only Postgres is shared. */
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
/** Ages the rows: all times in them are moved back by this much. */
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
  test("is the 16 bytes of its login and 32 others, and gives the next one and who it is for", async () => {
    const first = await here.issue(reader);
    const { identity, refreshToken } = await here.rotate(first);
    expect(identity).toEqual({ readerId: reader, roles: ["reader"] });
    const [a, b, ofAnother] = [first, refreshToken, await here.issue(reader)].map((token) => {
      const bytes = Buffer.from(token, "base64url");
      expect(bytes).toHaveLength(48);
      return { prefix: bytes.toString("hex", 0, 16), secret: bytes.toString("hex", 16) };
    });
    expect(a!.prefix).toBe(b!.prefix);
    expect(a!.prefix).not.toBe(ofAnother!.prefix);
    expect(a!.secret).not.toBe(b!.secret);
  });

  test("gives the roles of today", async () => {
    const token = await here.issue(reader);
    await pool.query("UPDATE accounts SET roles = '{reader,operator}' WHERE reader_id = $1", [reader]);
    const operator = await here.rotate(token);
    expect(operator.identity.roles).toEqual(["reader", "operator"]);
    await pool.query("UPDATE accounts SET roles = '{reader}' WHERE reader_id = $1", [reader]);
    expect((await here.rotate(operator.refreshToken)).identity.roles).toEqual(["reader"]);
  });

  test("that was never issued, and one whose account is gone, is unknown", async () => {
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
    // Only one chain continues: a stolen token of it is detected at its next use.
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

/** Adds used tokens to all families, as many refreshes leave them; the newest was used `interval` ago. */
const addSuperseded = (tokens: number, interval: string, hasPrefix = true) =>
  pool.query(
    `INSERT INTO refresh_tokens (token_hash, family_id, expires_at, superseded_at, has_prefix)
     SELECT sha256(convert_to(family_id::text || i || $2, 'UTF8')), family_id, expires_at, now() - $2::interval - make_interval(secs => i), $3::boolean
     FROM refresh_families, generate_series(0, $1 - 1) i`,
    [tokens, interval, hasPrefix],
  );
const superseded = async () =>
  (await pool.query("SELECT count(*)::int AS rows FROM refresh_tokens WHERE superseded_at IS NOT NULL")).rows[0]
    .rows as number;

describe("a login that is refreshed often", () => {
  test("keeps a hundred used tokens, and those in their grace period", async () => {
    let token = await here.issue(reader);
    await addSuperseded(150, "31 seconds");
    await addSuperseded(40, "-20 seconds");
    token = await next(token);
    expect(await superseded()).toBe(100 + 40 + 1);
    await pass("1 minute");
    await next(token);
    expect(await superseded()).toBe(100 + 1);
  });

  test("deletes a bounded number of rows at each refresh", async () => {
    const token = await here.issue(reader);
    await addSuperseded(500, "31 seconds");
    await next(token);
    expect(await superseded()).toBe(400 + 1);
  });

  test("finds a token reused whose row was deleted, for a refresh and for a logout", async () => {
    const [first, second] = [await here.issue(reader), await here.issue(reader)];
    const [next1, next2] = [await next(first), await next(second)];
    await pass("1 day");
    await addSuperseded(150, "31 seconds");
    const [last1, last2] = [await next(next1), await next(next2)];
    const { rows } = await pool.query("SELECT FROM refresh_tokens WHERE token_hash = ANY ($1)", [
      [first, second].map((token) => createHash("sha256").update(token).digest()),
    ]);
    expect(rows).toEqual([]);
    expect(await refusal(first)).toBe("refresh_token_reused");
    expect(await refusal(last1)).toBe("refresh_token_revoked");
    await here.revoke(second);
    expect(await refusal(last2)).toBe("refresh_token_revoked");
  });

  test("is not ended by a token whose prefix is of no login, though it names its id", async () => {
    const token = await here.issue(reader);
    const { rows } = await pool.query("SELECT family_id FROM refresh_families");
    const id = Buffer.from(rows[0].family_id.replaceAll("-", ""), "hex");
    for (const prefix of [id, Buffer.alloc(16)]) {
      const forged = Buffer.concat([prefix, Buffer.alloc(32)]).toString("base64url");
      expect(await refusal(forged)).toBe("refresh_token_invalid");
      await here.revoke(forged);
    }
    expect(await next(token)).toBeTruthy();
  });
});

describe("a token of an earlier release, without a prefix", () => {
  const issueEarlier = async () => {
    const token = randomBytes(32).toString("base64url");
    await here.issue(reader);
    await pool.query("UPDATE refresh_tokens SET token_hash = $1, has_prefix = false", [
      createHash("sha256").update(token).digest(),
    ]);
    return token;
  };

  test("is valid, and its reuse shows however many were used since", async () => {
    const first = await issueEarlier();
    const second = await next(first);
    expect(await next(first)).toBeTruthy();
    await pass("1 day");
    await addSuperseded(150, "31 seconds");
    const third = await next(second);
    expect(await refusal(first)).toBe("refresh_token_reused");
    expect(await refusal(third)).toBe("refresh_token_revoked");
  });

  test("goes when it has expired, some at each refresh", async () => {
    const token = await here.issue(reader);
    await addSuperseded(150, "1 day", false);
    await pool.query("UPDATE refresh_tokens SET expires_at = now() WHERE NOT has_prefix");
    const later = await next(token);
    expect(await count("refresh_tokens")).toBe(50 + 2);
    await next(later);
    expect(await count("refresh_tokens")).toBe(3);
  });
});

describe("refreshes of a login that another process holds", () => {
  test("wait without connections, and all succeed", async () => {
    const first = await here.issue(reader);
    const few = createPool({ url: database.url, max: 2, service: "test", logger: createLogger("test", "silent") });
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM refresh_families FOR UPDATE");
      const process = createRefreshTokens({ pool: few, lifetimeDays: 30 });
      const tokens = Promise.all(Array.from({ length: 28 }, () => next(first, process)));
      // Each has found its login, and one waits for the lock.
      await expect.poll(() => [few.totalCount, few.idleCount, few.waitingCount]).toEqual([2, 1, 0]);
      expect((await few.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
      await holder.query("COMMIT");
      expect(new Set(await tokens).size).toBe(28);
    } finally {
      holder.release();
      await few.end();
    }
  });

  test("are refused if too many wait already", async () => {
    const first = await here.issue(reader);
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM refresh_families FOR UPDATE");
      const refused: unknown[] = [];
      const refreshes = Array.from({ length: 102 }, () => next(first).catch((error) => refused.push(error)));
      await expect.poll(() => refused).toMatchObject([{ name: "TooManyWaiting" }]);
      await holder.query("COMMIT");
      await Promise.all(refreshes);
      expect(refused).toHaveLength(1);
    } finally {
      holder.release();
    }
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
    // The first token of the live family has expired too, and is removed at its next refresh.
    expect(await count("refresh_tokens")).toBe(3);
    await next(goesOn);
    expect(await count("refresh_tokens")).toBe(3);
  });
});
