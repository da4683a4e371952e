import { z } from "zod";

const hostAndPort = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/**
 * The address in a server's URL, for people: `host:port`, of a cluster several joined by commas, of Postgres also the folder of a socket
 * file (`postgres:///heima?host=/run/postgresql`, `postgres://%2Frun%2Fpostgresql/heima`). Empty if there is none. What could be a piece of a password that is not encoded is
 * never taken for it.
 */
export function addressOf(url: string): string {
  const rest = /^[a-z][a-z+]*:\/\/(.*)$/is.exec(url.trim())?.[1] ?? "";
  const authority = rest.split(/[/?#]/)[0] ?? "";
  const passwordIsCut = rest.includes("@") && !authority.includes("@");
  if (passwordIsCut) return "";
  const hosts = authority.slice(authority.lastIndexOf("@") + 1);
  if (/^postgres(ql)?:/i.test(url.trim())) {
    if (hosts === "") return decoded(/[?&]host=([^&#]+)/.exec(rest)?.[1] ?? "");
    if (/^%2f[\w.%-]*$/i.test(hosts)) return decoded(hosts);
  }
  const isHost = (host: string) => hostAndPort.test(host) && URL.canParse(`http://${host}`);
  return hosts.split(",").every(isHost) ? hosts : "";
}

const noAddress = "is no URL with a host (characters of a password such as / ? # @ must be percent-encoded)";

/**
 * A setting with the URL of a server, as its client reads it, so that a mistake is found before the client finds it. `schemes` is for example
 * `["redis", "rediss"]`. A `cluster` may have several hosts.
 */
export function serverUrl(schemes: readonly string[], { cluster = false } = {}) {
  return z.string().superRefine((url, context) => {
    const problem = problemOf(url, schemes, cluster);
    if (problem !== undefined) context.addIssue(problem);
  });
}

function problemOf(url: string, schemes: readonly string[], cluster: boolean): string | undefined {
  const [, scheme = "", userInfo = ""] = /^([^:]*):\/\/(?:([^/?#]*)@)?/.exec(url) ?? [];
  if (!schemes.includes(scheme.toLowerCase()))
    return `must begin with ${schemes.map((one) => `${one}://`).join(" or ")}`;
  const address = addressOf(url);
  if (address === "") return noAddress;
  if (!cluster && (address.includes(",") || !URL.canParse(url))) return "is no URL of one server";
  // The client of a cluster takes what follows the first one for a host.
  if (cluster && userInfo.includes("@")) return "has an @ in its password, which must be percent-encoded (%40)";
  return isDecodable(url.split(/[?#]/)[0] ?? "") ? undefined : "has a % that encodes nothing; write %25 for it";
}

const isDecodable = (text: string) => text === "" || decoded(text) !== "";

/** Empty if a % encodes nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
