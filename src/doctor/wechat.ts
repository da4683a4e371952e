import { z } from "zod";
import { parseJson } from "../domain/parseJson.ts";
import { addressOf } from "../platform/serverUrl.ts";
import { type Check, type Finding, messageOf } from "./check.ts";

/** An invalid code, which WeChat rejects without using up a valid one. */
const noCode = "doctor";

const errcodes = { busy: -1, appidInvalid: 40013, codeInvalid: 40029, secretInvalid: 40125 };

const answer = z.object({ errcode: z.int() });

/**
 * Checks that WeChat answers and accepts our appid and secret: it checks them before the code, so that a login with an invalid
 * code is enough (code2Session in WeChat's documentation).
 */
export function wechatCheck(options: { apiUrl: string; appId?: string; secret?: string }): Check {
  const { apiUrl, appId, secret } = options;
  const address = addressOf(apiUrl);
  return {
    name: "wechat",
    async run(signal): Promise<Finding> {
      const url = new URL("/sns/jscode2session", apiUrl);
      const named = { appid: appId ?? "", secret: secret ?? "" };
      url.search = new URLSearchParams({ ...named, js_code: noCode, grant_type: "authorization_code" }).toString();
      let text: string;
      try {
        text = await (await fetch(url, { signal, redirect: "error" })).text();
      } catch (error) {
        const hint = "let this machine reach it (DNS, firewall, proxy), or correct WECHAT_API_URL";
        return { status: "failed", message: `${address}: ${messageOf(error)}`, hint };
      }
      const { data } = answer.safeParse(parseJson(text));
      if (data === undefined) {
        const message = `${address} does not answer as WeChat does`;
        return { status: "failed", message, hint: "correct WECHAT_API_URL; a proxy may have answered" };
      }
      if (appId === undefined || secret === undefined) {
        return { status: "warning", message: `${address} answers`, hint: "set WECHAT_APPID and WECHAT_SECRET" };
      }
      return findingOf(address, data.errcode);
    },
  };
}

function findingOf(address: string, errcode: number): Finding {
  switch (errcode) {
    case errcodes.codeInvalid:
      return { status: "ok", message: `${address} answers and takes our appid and secret` };
    case errcodes.appidInvalid:
      return { status: "failed", message: `${address} does not know our appid`, hint: "correct WECHAT_APPID" };
    case errcodes.secretInvalid:
      return {
        status: "failed",
        message: `${address} refuses our secret`,
        hint: "correct WECHAT_SECRET (mp.weixin.qq.com)",
      };
    case errcodes.busy:
      return { status: "warning", message: `${address} answers that it is busy`, hint: "look again in a minute" };
    default: {
      const hint = "look the number up among the error codes of code2Session";
      return { status: "warning", message: `${address} answers with error ${errcode}`, hint };
    }
  }
}
