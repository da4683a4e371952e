import { createSecretKey } from "node:crypto";
import jwt from "jsonwebtoken";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAccessTokens, type Identity } from "../../src/auth/accessTokens.ts";
import { TokenRefused } from "../../src/auth/errors.ts";

// What a foreign, unsigned or otherwise wrong token gets is tested over HTTP: tests/http/protocol.test.ts.

const keyOf = (kid: string) => ({ kid, key: createSecretKey(Buffer.from(`${kid} secret of at least 32 characters`)) });
const [old, current] = [keyOf("old"), keyOf("current")];
const reader: Identity = { readerId: "01890a5d-ac96-774b-bcce-b302099a8057", roles: ["reader", "operator"] };
const quarter = 15 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T00:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

const refusal = (verify: () => unknown) => {
  try {
    return verify();
  } catch (error) {
    expect(error).toBeInstanceOf(TokenRefused);
    return (error as TokenRefused).code;
  }
};

test("a token says who, from whom and for whom, which key signed it, and lives 15 minutes", () => {
  const { accessToken, expiresIn } = createAccessTokens([current, old]).issue(reader);
  const now = Date.now() / 1000;
  expect(expiresIn).toBe(900);
  expect(jwt.decode(accessToken, { complete: true })).toMatchObject({
    header: { alg: "HS256", kid: "current" },
    payload: {
      sub: reader.readerId,
      roles: reader.roles,
      iss: "heima-literature",
      aud: "heima-literature-api",
      iat: now,
      exp: now + 900,
    },
  });
});

test("a token expires although it was verified before", () => {
  const tokens = createAccessTokens([current]);
  const { accessToken } = tokens.issue(reader);
  vi.advanceTimersByTime(quarter - 1000);
  expect(tokens.verify(accessToken)).toEqual(reader);
  expect(tokens.verify(accessToken)).toEqual(reader);
  vi.advanceTimersByTime(1000);
  expect(refusal(() => tokens.verify(accessToken))).toBe("token_expired");
  expect(refusal(() => tokens.verify(accessToken))).toBe("token_expired");
});

test("a token that was verified is not verified again", () => {
  const verify = vi.spyOn(jwt, "verify");
  const tokens = createAccessTokens([current]);
  const { accessToken } = tokens.issue(reader);
  for (let time = 0; time < 3; time++) expect(tokens.verify(accessToken)).toEqual(reader);
  expect(verify).toHaveBeenCalledTimes(1);
  verify.mockRestore();
});

test("a bad token is not remembered as a good one of the same reader", () => {
  const tokens = createAccessTokens([current]);
  const { accessToken } = tokens.issue(reader);
  expect(tokens.verify(accessToken)).toEqual(reader);
  // The first character of a signature carries six whole bits; the last one does not.
  const [head, payload, signature = ""] = accessToken.split(".");
  const forged = `${head}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  expect(refusal(() => tokens.verify(forged))).toBe("token_invalid");
});

test("a secret is exchanged without a break: what the old key signed is taken until that key is gone", () => {
  const { accessToken } = createAccessTokens([old]).issue(reader);
  expect(createAccessTokens([current, old]).verify(accessToken)).toEqual(reader);
  expect(refusal(() => createAccessTokens([current]).verify(accessToken))).toBe("token_invalid");
});

test.each(["a".repeat(4_000), "", "01890a5d-ac96-774b-bcce-b302099a805", `${reader.readerId}\0`])(
  "a token of ours for a reader whose id is none is refused: %#",
  (readerId) => {
    const tokens = createAccessTokens([current]);
    const { accessToken } = tokens.issue({ ...reader, readerId });
    expect(refusal(() => tokens.verify(accessToken))).toBe("token_invalid");
  },
);

test("a reader's id in capitals is the same reader", () => {
  const tokens = createAccessTokens([current]);
  const { accessToken } = tokens.issue({ ...reader, readerId: reader.readerId.toUpperCase() });
  expect(tokens.verify(accessToken).readerId).toBe(reader.readerId);
});
