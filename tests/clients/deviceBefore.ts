import { createClient } from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { type Fate, wxShim } from "./wxShim.ts";

type Answer = Exclude<Fate, string>;
type Handler = (request: WxRequest) => Fate | Promise<Fate>;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const problem = (status: number, code: string, header: Record<string, string> = {}): Answer => ({
  status,
  body: { code, detail: "" },
  header,
});
export const tokens = (name: string) => ({
  accessToken: `${name} access`,
  refreshToken: `${name} refresh`,
  expiresIn: 900,
});
export const loggedInAs = (id: string) => ok({ ...tokens(id), reader: { id, isNew: false } });
export const sessionOf = (readerId: string, expiresAt = Date.now() + 3_600_000) => ({
  accessToken: "a",
  refreshToken: "r",
  expiresAt,
  readerId,
});

/** An answer that the test sends at any time; `asked` resolves when the request has arrived. */
export function held() {
  let ask = () => {};
  let give = (_: Fate) => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const answer = new Promise<Fate>((resolve) => {
    give = resolve;
  });
  const handler: Handler = () => {
    ask();
    return answer;
  };
  return { asked, handler, answer: give };
}

/**
 * A device with a server that answers by operation (`POST /v1/auth/wechat`): each request uses the next handler of its operation;
 * the last one stays. Logouts are answered.
 */
export function deviceBefore(handlers: Record<string, Handler[]>, session?: ReturnType<typeof sessionOf>) {
  const storage = new Map<string, unknown>(session === undefined ? [] : [["heima.session", session]]);
  const asked: string[] = [];
  const requests: WxRequest[] = [];
  const fateOf = (request: WxRequest) => {
    const operation = `${request.method} ${new URL(request.url).pathname}`;
    asked.push(operation);
    requests.push(request);
    const own = handlers[operation] ?? [];
    const handler = own.length > 1 ? own.shift() : own[0];
    return handler === undefined ? ok({}) : handler(request);
  };
  let codes = 0;
  const shim = wxShim({ login: async () => `code${++codes}`, fateOf, storage });
  const client = createClient({ baseUrl: "http://api", wx: shim.wx, patience: { pauseMs: 1 } });
  return { ...shim, client, asked, requests };
}
