import { inject } from "vitest";

/** The mini-program's credentials that the stand-in of WeChat accepts in tests. */
export const wechatApp = { appid: "wx0123456789abcdef", secret: "0123456789abcdef0123456789abcdef" };

/** The WeChat stand-in: its URL and a new one-use code for a user, by name. */
export function wechat() {
  const url = inject("wechatUrl");
  return {
    url,
    login: async (user: string): Promise<string> => {
      const response = await fetch(`${url}/wx.login?user=${encodeURIComponent(user)}`);
      if (!response.ok) throw new Error(`wx.login answered ${response.status}: ${await response.text()}`);
      return ((await response.json()) as { code: string }).code;
    },
  };
}
