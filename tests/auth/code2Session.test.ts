import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { LoginRefused } from "../../src/auth/errors.ts";
import { createCode2Session } from "../../src/auth/wechat/code2Session.ts";
import { wechat, wechatApp } from "../support/wechat.ts";

const app = { appId: wechatApp.appid, secret: wechatApp.secret };

/** The session, or the problem's code when WeChat refuses. */
const outcome = async (asked: Promise<unknown>) => {
  try {
    return await asked;
  } catch (error) {
    expect(error).toBeInstanceOf(LoginRefused);
    return (error as LoginRefused).code;
  }
};

describe("against the stand-in of WeChat", () => {
  const client = () => createCode2Session({ ...app, apiUrl: wechat().url, busyPauseMs: 1 });

  test("a code gives an openid, the same at each login, and a session_key of 16 bytes", async () => {
    const first = await client()(await wechat().login("daiyu"));
    const second = await client()(await wechat().login("daiyu"));
    const other = await client()(await wechat().login("baoyu"));
    expect(second.openid).toBe(first.openid);
    expect(other.openid).not.toBe(first.openid);
    expect(Buffer.from(first.sessionKey, "base64").length).toBe(16);
  });

  test("a code works once", async () => {
    const code = await wechat().login("daiyu");
    await client()(code);
    expect(await outcome(client()(code))).toBe("wechat_code_used");
  });

  test("a code that WeChat did not issue is invalid", async () => {
    expect(await outcome(client()("made up"))).toBe("wechat_code_invalid");
  });

  const loginThatAnswers = async (errcode: number) => {
    const response = await fetch(`${wechat().url}/wx.login?user=daiyu&errcode=${errcode}`);
    return ((await response.json()) as { code: string }).code;
  };

  test.each([
    [40226, "wechat_blocked"],
    [45011, "wechat_rate_limited"],
  ])("error %i is %s", async (errcode, problem) => {
    expect(await outcome(client()(await loginThatAnswers(errcode)))).toBe(problem);
  });

  test("a code stays good while WeChat is busy", async () => {
    expect(await outcome(client()(await loginThatAnswers(-1)))).toHaveProperty("openid");
  });

  test("a wrong secret of the mini-program is no fault of the reader's", async () => {
    const wrong = createCode2Session({ ...app, secret: "wrong", apiUrl: wechat().url });
    expect(await outcome(wrong(await wechat().login("daiyu")))).toBe("wechat_misconfigured");
  });
});

describe("against a WeChat that", () => {
  let stop = async () => {};
  afterEach(() => stop());

  /** Sends one request to a server; returns the outcome and the received request. */
  async function ask(answer: (nth: number) => string | RequestListener, timeoutMs = 5_000) {
    const urls: string[] = [];
    const server = createServer((request, response) => {
      urls.push(request.url ?? "");
      const given = answer(urls.length);
      if (typeof given === "string") response.writeHead(200, { "content-type": "text/plain" }).end(given);
      else given(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stop = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createCode2Session({ ...app, apiUrl, timeoutMs, busyPauseMs: 1 });
    return { result: await outcome(client("c/ö")), urls };
  }

  const session = { openid: "o-1", sessionKey: "a2V5" };
  const success = JSON.stringify({ openid: "o-1", session_key: "a2V5", unionid: "u" });

  test("answers, is asked exactly as its manual says", async () => {
    const query = `appid=${app.appId}&secret=${app.secret}&js_code=c%2F%C3%B6&grant_type=authorization_code`;
    expect(await ask(() => success)).toEqual({ result: session, urls: [`/sns/jscode2session?${query}`] });
  });

  test("sends errcode 0 with its success is understood", async () => {
    const { result } = await ask(() => JSON.stringify({ ...JSON.parse(success), errcode: 0, errmsg: "ok" }));
    expect(result).toEqual(session);
  });

  test("is busy is asked again, three times in all", async () => {
    const busy = JSON.stringify({ errcode: -1, errmsg: "system error" });
    const recovered = await ask((nth) => (nth < 3 ? busy : success));
    expect([recovered.result, recovered.urls.length]).toEqual([session, 3]);
    await stop();
    const given = await ask(() => busy);
    expect([given.result, given.urls.length]).toEqual(["wechat_busy", 3]);
  });

  test.each([
    ["a NUL", "o\0x"],
    ["a line end", "o\nx"],
    ["half of a surrogate pair", "o\ud800"],
    ["a letter that is not ASCII", "ｏ"],
    ["129 characters", "o".repeat(129)],
  ])("sends an openid, or a session_key, with %s failed", async (_what, text) => {
    for (const field of ["openid", "session_key"]) {
      const { result } = await ask(() => JSON.stringify({ ...JSON.parse(success), [field]: text }));
      expect(result).toBe("wechat_failed");
      await stop();
    }
  });

  test("words its errors otherwise is still understood by number", async () => {
    const { result } = await ask(() => JSON.stringify({ errcode: 40163, errmsg: "invalid code, rid: 6f-1" }));
    expect(result).toBe("wechat_code_used");
  });

  test.each([
    [40029, "wechat_code_invalid"],
    [40163, "wechat_code_used"],
    [40226, "wechat_blocked"],
    [45011, "wechat_rate_limited"],
    [45009, "wechat_busy"],
    [40013, "wechat_misconfigured"],
    [40125, "wechat_misconfigured"],
    [41002, "wechat_misconfigured"],
    [41004, "wechat_misconfigured"],
    [40001, "wechat_failed"],
  ])("answers error %i is asked once, and it is %s", async (errcode, problem) => {
    const { result, urls } = await ask(() => JSON.stringify({ errcode, errmsg: "any" }));
    expect([result, urls.length]).toEqual([problem, 1]);
  });

  test("begins an answer and does not end it is not asked again", async () => {
    const { result, urls } = await ask(() => (_request, response) => response.write('{"openid":'), 100);
    expect([result, urls.length]).toEqual(["wechat_unreachable", 1]);
  });

  test("answers without end is not read to its end", async () => {
    let stopped = false;
    const { result } = await ask(() => (_request, response) => {
      response.on("close", () => {
        stopped = true;
      });
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.on("drain", more);
      more();
    });
    expect(result).toBe("wechat_failed");
    await expect.poll(() => stopped).toBe(true);
  });

  test("sends us elsewhere is not followed: the secret is in the URL", async () => {
    const { result, urls } = await ask(
      () => (_request, response) => response.writeHead(302, { location: "/else" }).end(),
    );
    expect([result, urls.length]).toEqual(["wechat_unreachable", 1]);
  });

  test("does not answer in time is not asked again: the code may be used up", async () => {
    const { result, urls } = await ask(() => () => {}, 100);
    expect([result, urls.length]).toEqual(["wechat_unreachable", 1]);
  });

  test("cuts the connection is not asked again", async () => {
    const { result, urls } = await ask(() => (request) => request.socket.destroy());
    expect([result, urls.length]).toEqual(["wechat_unreachable", 1]);
  });

  test.each<[what: string, answer: string | RequestListener]>([
    ["answers HTML", "<html>"],
    ["answers half a session", '{"openid":"o-1"}'],
    ["answers an error of its gateway", (_request, response) => response.writeHead(502).end("bad gateway")],
  ])("%s has failed", async (_what, answer) => {
    expect((await ask(() => answer)).result).toBe("wechat_failed");
  });
});
