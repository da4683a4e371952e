import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Codes, createCodes, type ForcedError } from "./codes.ts";
import { sealProfile } from "./profile.ts";

export type WechatOptions = {
  /** 0 selects a free port. */
  readonly port: number;
  readonly appid: string;
  readonly secret: string;
  /** Milliseconds; the clock by which codes expire. */
  readonly now?: () => number;
};

type App = {
  readonly appid: string;
  readonly secret: string;
  readonly codes: Codes;
  readonly now: () => number;
  /** The session_key of each user's last login; a new login replaces it, a restart forgets it. */
  readonly sessions: Map<string, string>;
};
type Answer = { readonly status: number; readonly body: object };

/** https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html, and WeChat's global codes. */
const messages = {
  "-1": "system error",
  40002: "invalid grant_type",
  40013: "invalid appid",
  40029: "invalid code",
  40125: "invalid appsecret",
  40163: "code been used",
  40226: "code blocked",
  41002: "appid missing",
  41004: "appsecret missing",
  41008: "missing code",
  43001: "require GET method",
  45011: "api minute-quota reach limit  mustslower  retry next minute",
} as const;

/**
 * A stand-in for api.weixin.qq.com on 127.0.0.1: `GET /sns/jscode2session` as WeChat answers it (errors come with status
 * 200), and `GET /wx.login?user=NAME` → `{code}`, which replaces the mini-program's wx.login. With `&errcode=N` (-1, 45011 or
 * 40226) the code answers that error. `GET /wx.getUserProfile?user=NAME` replaces the mini-program's function of that name for a
 * logged-in user. A user's openid is a hash of appid and name: the same after each restart.
 */
export async function startWechat(options: WechatOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { appid, secret, now = Date.now } = options;
  const app: App = { appid, secret, codes: createCodes(now), now, sessions: new Map() };
  const server = createServer((request, response) => send(response, answer(app, request)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, { status, body }: Answer) {
  // WeChat itself calls its JSON text/plain.
  response.writeHead(status, { "content-type": "text/plain" }).end(JSON.stringify(body));
}

function answer(app: App, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? "/", "http://wechat");
  const get = request.method === "GET";
  if (url.pathname === "/sns/jscode2session") return get ? code2Session(app, url.searchParams) : failure(43001);
  if (url.pathname === "/wx.login") return get ? login(app, url.searchParams) : refusal(405, "only GET");
  if (url.pathname === "/wx.getUserProfile") return get ? userProfile(app, url.searchParams) : refusal(405, "only GET");
  return refusal(404, `nothing is served at ${url.pathname}`);
}

function code2Session(app: App, query: URLSearchParams): Answer {
  const appid = query.get("appid");
  const secret = query.get("secret");
  const code = query.get("js_code");
  if (!appid) return failure(41002);
  if (!secret) return failure(41004);
  if (appid !== app.appid) return failure(40013);
  if (secret !== app.secret) return failure(40125);
  if (query.get("grant_type") !== "authorization_code") return failure(40002);
  if (!code) return failure(41008);
  const redemption = app.codes.redeem(code);
  if ("errcode" in redemption) return failure(redemption.errcode);
  const openid = openidOf(app.appid, redemption.user);
  const sessionKey = randomBytes(16).toString("base64");
  app.sessions.set(redemption.user, sessionKey);
  return { status: 200, body: { session_key: sessionKey, openid } };
}

/** 28 characters that begin with an o, as WeChat's do. */
const openidOf = (appid: string, user: string) =>
  `o${createHash("sha256").update(`${appid}\n${user}`).digest("base64url").slice(0, 27)}`;

const forcedErrors = new Map<string, ForcedError>([
  ["-1", -1],
  ["45011", 45011],
  ["40226", 40226],
]);

function login(app: App, query: URLSearchParams): Answer {
  const unknown = [...query.keys()].find((name) => name !== "user" && name !== "errcode");
  if (unknown !== undefined) return refusal(400, `unknown parameter ${unknown}`);
  const user = query.get("user");
  if (!user || user.length > 64) return refusal(400, "user must have 1 to 64 characters");
  const errcode = query.get("errcode");
  const forced = errcode === null ? null : forcedErrors.get(errcode);
  if (forced === undefined) return refusal(400, `errcode must be one of ${[...forcedErrors.keys()].join(", ")}`);
  return { status: 200, body: { code: app.codes.issue(user, forced) } };
}

function userProfile(app: App, query: URLSearchParams): Answer {
  const unknown = [...query.keys()].find((name) => name !== "user");
  if (unknown !== undefined) return refusal(400, `unknown parameter ${unknown}`);
  const user = query.get("user") ?? "";
  const sessionKey = app.sessions.get(user);
  if (sessionKey === undefined) return refusal(400, "the user has not logged in since this stand-in was started");
  const sealed = { openid: openidOf(app.appid, user), appid: app.appid, sessionKey, now: app.now() };
  return { status: 200, body: sealProfile(user, sealed) };
}

function failure(errcode: keyof typeof messages | -1): Answer {
  const rid = randomBytes(12)
    .toString("hex")
    .replace(/^(.{8})(.{8})(.{8})$/, "$1-$2-$3");
  return { status: 200, body: { errcode: Number(errcode), errmsg: `${messages[errcode]}, rid: ${rid}` } };
}

const refusal = (status: number, error: string): Answer => ({ status, body: { error } });
