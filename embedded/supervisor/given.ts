import type { EngineName } from "./engineNames.ts";

/** A part that runs elsewhere: its URL with secrets, its address without them, and the command that starts it, if any. */
export type GivenPart = {
  readonly url: string;
  /** For messages: `host:port`, several for a cluster. */
  readonly address: string;
  /** A shell command that runs the server in the foreground; undefined: the supervisor neither starts nor kills it. */
  readonly command?: string;
};

/** WeChat requires the credentials of the mini-program that it knows. */
export type GivenWechat = GivenPart & { readonly credentials: { WECHAT_APPID: string; WECHAT_SECRET: string } };

export type Given = { readonly [Name in Exclude<EngineName, "wechat">]?: GivenPart } & {
  readonly wechat?: GivenWechat;
};

const settings: { readonly [Name in EngineName]: { url: string; command?: string } } = {
  postgres: { url: "DATABASE_URL", command: "POSTGRES_START_COMMAND" },
  redis: { url: "REDIS_URL", command: "REDIS_START_COMMAND" },
  eventstore: { url: "EVENTSTORE_URL", command: "EVENTSTORE_START_COMMAND" },
  elasticsearch: { url: "ELASTICSEARCH_URL", command: "ELASTICSEARCH_START_COMMAND" },
  wechat: { url: "WECHAT_API_URL" },
};

/**
 * The parts that the environment names; the supervisor starts all others. Throws, without the value, when a URL names no
 * host, when there is a command without the URL that it serves, and when WeChat's URL comes without the mini-program's credentials.
 */
export function givenParts(environment: NodeJS.ProcessEnv): Given {
  const parts = Object.entries(settings).flatMap(([name, setting]) => {
    const url = environment[setting.url];
    const command = setting.command && environment[setting.command];
    if (!url && command) throw new Error(`${setting.command} is set without ${setting.url}: where does it serve?`);
    if (!url) return [];
    return [[name, { url, address: addressOf(setting.url, url), ...(command && { command }) }] as const];
  });
  const { wechat, ...others }: { [Name in EngineName]?: GivenPart } = Object.fromEntries(parts);
  if (wechat === undefined) return others;
  const { WECHAT_APPID, WECHAT_SECRET } = environment;
  if (!WECHAT_APPID || !WECHAT_SECRET) throw new Error("WECHAT_API_URL is set without WECHAT_APPID and WECHAT_SECRET");
  return { ...others, wechat: { ...wechat, credentials: { WECHAT_APPID, WECHAT_SECRET } } };
}

/** Host and port of a URL. Text that could be a part of an unencoded password is never used. */
function addressOf(setting: string, url: string): string {
  const rest = /^[a-z][a-z+]*:\/\/(.*)$/s.exec(url)?.[1] ?? "";
  const authority = rest.split(/[/?#]/)[0] ?? "";
  const hosts = authority.slice(authority.lastIndexOf("@") + 1);
  const passwordIsCut = rest.includes("@") && !authority.includes("@");
  if (passwordIsCut || !hosts.split(",").every((host) => /^(\[[\da-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host)))
    throw new Error(
      `${setting} is no URL with a host (characters of a password such as / ? # @ must be percent-encoded)`,
    );
  return hosts;
}
