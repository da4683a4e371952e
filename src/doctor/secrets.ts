import type { CheckResult } from "./check.ts";

/** Settings that are secret as a whole, lists of name:secret pairs, and URLs that may contain a password. */
const secrets = ["WECHAT_SECRET", "ELASTICSEARCH_API_KEY", "PGPASSWORD"];
const secretLists = ["JWT_SECRETS", "SESSION_ENCRYPTION_KEYS", "PSEUDONYM_KEYS"];
const urls = ["DATABASE_URL", "REDIS_URL", "EVENTSTORE_URL", "ELASTICSEARCH_URL", "WECHAT_API_URL"];

/** Shorter secrets would match innocent text, and are not worth protecting. */
const shortest = 4;

/** Removes the environment's secrets from findings, which quote errors of other libraries. */
export function withoutSecrets(results: readonly CheckResult[], environment: NodeJS.ProcessEnv): CheckResult[] {
  const hidden = [
    ...secrets.map((name) => environment[name]?.trim() ?? ""),
    ...secretLists.flatMap((name) =>
      (environment[name] ?? "").split(",").map((pair) => pair.trim().replace(/^[^:]*:/, "")),
    ),
    ...urls.flatMap((name) => passwordOf(environment[name])),
  ].filter((secret) => secret.length >= shortest);
  const clean = (text: string) => hidden.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
  return results.map((result) => ({
    ...result,
    message: clean(result.message),
    ...(result.hint === undefined ? {} : { hint: clean(result.hint) }),
  }));
}

/** As written in the URL, and decoded. */
function passwordOf(url: string | undefined): string[] {
  const written = /^[a-z+]+:\/\/[^/@]*?:([^/]*)@/i.exec(url ?? "")?.[1];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}
