import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { parseJson } from "../../domain/parseJson.ts";
import { LoginRefused } from "../errors.ts";

/** The WeChat session of a login code. Neither value may reach a client, an event or a log. */
export type WechatSession = { readonly openid: string; readonly sessionKey: string };

/** Exchanges a one-use code of `wx.login`. Rejects with LoginRefused. */
export type Code2Session = (code: string) => Promise<WechatSession>;

/** The characters of WeChat's openids and keys; others, such as NUL, could not be stored. */
const visibleAscii = z.string().regex(/^[!-~]{1,128}$/);

/** WeChat responds with status 200 to errors too, and to success with or without `errcode: 0`. */
const answer = z.union([
  z.object({ errcode: z.int().refine((code) => code !== 0) }),
  z.object({ openid: visibleAscii, session_key: visibleAscii }),
]);

const busy = -1;

/** Bytes; a response takes some 200. */
const longestAnswer = 64 * 1024;

/** Retries while WeChat is busy: it has not used up the code then. */
const busyRetries = 2;

/**
 * A client of WeChat's code2Session (GET /sns/jscode2session). Errors are distinguished by number, since WeChat's texts change.
 * Only "busy" is retried: after a time-out or a lost connection the code may be used up.
 */
export function createCode2Session(options: {
  apiUrl: string;
  appId: string;
  secret: string;
  timeoutMs?: number;
  busyPauseMs?: number;
}): Code2Session {
  const { apiUrl, appId, secret, timeoutMs = 5_000, busyPauseMs = 200 } = options;

  return async (code) => {
    const url = new URL("/sns/jscode2session", apiUrl);
    url.search = new URLSearchParams({
      appid: appId,
      secret,
      js_code: code,
      grant_type: "authorization_code",
    }).toString();
    for (let attempt = 0; ; attempt++) {
      const answered = await ask(url, timeoutMs);
      if ("openid" in answered) return { openid: answered.openid, sessionKey: answered.session_key };
      if (answered.errcode !== busy || attempt === busyRetries) throw refusal(answered.errcode);
      await delay(busyPauseMs * (attempt + 1));
    }
  };
}

async function ask(url: URL, timeoutMs: number): Promise<z.output<typeof answer>> {
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
    text = await boundedText(response);
    if (!response.ok) throw new LoginRefused("wechat_failed", `WeChat answered with HTTP status ${response.status}.`);
  } catch (error) {
    if (error instanceof LoginRefused) throw error;
    throw new LoginRefused("wechat_unreachable", "WeChat did not answer; log in again with a new code.");
  }
  const parsed = answer.safeParse(parseJson(text));
  if (!parsed.success) throw new LoginRefused("wechat_failed", "WeChat's response cannot be parsed.");
  return parsed.data;
}

/** The body as text. Rejects with LoginRefused, and stops reading, if it is too long. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longestAnswer) throw new LoginRefused("wechat_failed", "WeChat's answer is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refusal(errcode: number): LoginRefused {
  switch (errcode) {
    case busy:
      return new LoginRefused("wechat_busy", "WeChat is busy; try again with a new code.");
    case 40029:
      return new LoginRefused("wechat_code_invalid", "WeChat does not know this code, or it has expired.");
    case 40163:
      return new LoginRefused("wechat_code_used", "This code has been used; get a new one from wx.login.");
    case 40226:
      return new LoginRefused("wechat_blocked", "WeChat has blocked this user as a high risk.");
    case 45011:
      return new LoginRefused("wechat_rate_limited", "This user logs in too often; wait a minute.");
    case 40013:
    case 40125:
    case 41002:
    case 41004:
      return new LoginRefused(
        "wechat_misconfigured",
        `WeChat rejects the credentials of the mini-program (error ${errcode}).`,
      );
    case 45009:
      return new LoginRefused("wechat_busy", "WeChat takes no more logins of this mini-program for now.");
    default:
      return new LoginRefused("wechat_failed", `WeChat refused the login with error ${errcode}.`);
  }
}
