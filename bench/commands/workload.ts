import { createSecretKey, randomUUID } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";

export type Reader = { readonly id: string; readonly token: string; readonly shelf: Set<number> };

type Claims = { readonly issuer: string; readonly audience: string };

/** A token signed here with the stack's secret: 10,000 logins would measure WeChat. */
export function signedToken(jwtSecrets: string, subject: string, roles: readonly string[], claims: Claims): string {
  const [keyid = "", secret = ""] = (jwtSecrets.split(",")[0] ?? "").split(":");
  const key = createSecretKey(Buffer.from(secret));
  return jsonwebtoken.sign({ roles }, key, { algorithm: "HS256", keyid, subject, expiresIn: 3600, ...claims });
}

/** Readers, each with a token. */
export function makeReaders(count: number, jwtSecrets: string, claims: Claims): Reader[] {
  return Array.from({ length: count }, () => {
    const id = randomUUID();
    return { id, token: signedToken(jwtSecrets, id, ["reader"], claims), shelf: new Set() };
  });
}

export type Move = {
  readonly reader: Reader;
  readonly method: "PUT" | "DELETE";
  readonly book: number;
  readonly changes: boolean;
};

/**
 * The next command: of a random reader, one in five changing nothing (a book shelved again, or one that is not there taken
 * off), the others shelving a new book or, with six or more on the shelf, half the time taking one off.
 */
export function nextMove(readers: readonly Reader[], books: number, busy: ReadonlySet<Reader>): Move {
  let reader: Reader;
  do reader = readers[Math.floor(Math.random() * readers.length)] as Reader;
  while (busy.has(reader));
  const { shelf } = reader;
  const any = Math.floor(Math.random() * books);
  const shelved = [...shelf][Math.floor(Math.random() * shelf.size)];
  if (Math.random() < 0.2) {
    if (shelved !== undefined) return { reader, method: "PUT", book: shelved, changes: false };
    return { reader, method: "DELETE", book: any, changes: false };
  }
  if (shelved !== undefined && shelf.size >= 6 && Math.random() < 0.5) {
    return { reader, method: "DELETE", book: shelved, changes: true };
  }
  let fresh = any;
  while (shelf.has(fresh)) fresh = Math.floor(Math.random() * books);
  return { reader, method: "PUT", book: fresh, changes: true };
}
