import { setTimeout as sleep } from "node:timers/promises";
import type { Bookmark } from "../../../src/domain/reading/bookmarks/events.ts";
import type { ProgressEntry } from "../../../src/domain/reading/progress/events.ts";
import type { Random } from "../random.ts";
import { type Answer, ask } from "./ask.ts";
import type { Acknowledged, Journal } from "./journal.ts";
import type { Sent } from "./readerCommand.ts";
import type { Synced } from "./synced.ts";

/** The token and position of a command's last event: for queries that must include it. */
export type Written = { readonly token: string; readonly position: bigint };

/** A reader: one command at a time, and one query at a time. */
export type Reader = {
  readonly user: string;
  readonly random: Random;
  id: string;
  accessToken: string;
  /** The last commands that wrote, with their requests: for repeats. */
  recent: { sent: Sent; told: Acknowledged }[];
  /** The last sent entries: for repeats. */
  entries: readonly ProgressEntry[];
  bookmarks: readonly Pick<Bookmark, "bookmarkId" | "bookId" | "chapterId">[];
  /** The state of the reader's offline client. */
  synced: Synced;
  /** When the reader wants to be erased, in milliseconds from the load's beginning; never, if infinite. */
  readonly erasesAtMs: number;
  /** Has requested the erasure, and may be erased by now. */
  asked: boolean;
  /** The erasure was acknowledged. */
  gone: boolean;
  /** Of the last command that wrote, by the category of its stream. */
  written: ReadonlyMap<string, Written>;
  sending: boolean;
  looking: boolean;
  /** Got an answer that no reader should get. */
  lost: boolean;
};

export type Addresses = { readonly api: string; readonly wechat: string };

/** The deadline for retries. */
export type Deadline = { isOver(): boolean };

/** Logs a reader in through the WeChat stand-in; retries until it succeeds or the deadline has passed. */
export async function logIn(at: Addresses, reader: Reader, journal: Journal, deadline: Deadline): Promise<boolean> {
  while (!deadline.isOver()) {
    const code = (await ask(`${at.wechat}/wx.login?user=${reader.user}`))?.body as { code?: string } | undefined;
    const answer =
      code?.code === undefined
        ? undefined
        : await ask(`${at.api}/v1/auth/wechat`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ code: code.code }),
          });
    if (answer?.status === 200) {
      const { accessToken, reader: account } = answer.body as { accessToken: string; reader: { id: string } };
      // The reader that the WeChat user had was erased meanwhile: this is another one.
      if (reader.asked && reader.id !== account.id) return false;
      if (reader.id !== "" && reader.id !== account.id)
        journal.surprises.push(`${reader.user} was ${reader.id} and is ${account.id} after a login`);
      reader.id = account.id;
      reader.accessToken = accessToken;
      journal.counts.logins++;
      return true;
    }
    await sleep(200);
  }
  return false;
}

/** Sends a request as the reader; logs in again if the access token has become invalid: clocks jump. */
export async function askAs(
  at: Addresses,
  reader: Reader,
  path: string,
  init: RequestInit & { headers?: Record<string, string> },
  journal: Journal,
  deadline: Deadline,
): Promise<Answer | undefined> {
  const headers = { ...init.headers, authorization: `Bearer ${reader.accessToken}` };
  const answer = await ask(`${at.api}${path}`, { ...init, headers });
  if (answer?.status !== 401 || reader.asked) return answer;
  await logIn(at, reader, journal, deadline);
  return undefined;
}
