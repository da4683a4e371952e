import { isIP } from "node:net";
import { z } from "zod";

/** A whole number in decimal digits, from `min` to `max`. */
export const wholeNumber = (min: number, max: number) =>
  z.string().transform((text, context): number => {
    const number = Number(text);
    if (/^\d{1,15}$/.test(text) && number >= min && number <= max) return number;
    context.addIssue(`must be a whole number from ${min} to ${max}`);
    return z.NEVER;
  });

/** An address or a name to listen at, without a port. */
export const listenedHost = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || (/^[a-z\d]([\w.-]*[a-z\d])?$/i.test(text) && !/^[\d.]+$/.test(text)),
    "must be an IP address or a name, without a port",
  );

/** A rate limit: at most `burst` at once, and `perSecond` on average. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** `PER_SECOND/BURST`, or 0 for no limit. */
export const rate = z.string().transform((text, context): Rate | undefined => {
  if (text === "0") return undefined;
  const [, perSecond, burst] = /^(\d{1,6})\/(\d{1,7})$/.exec(text)?.map(Number) ?? [];
  if (perSecond !== undefined && burst !== undefined && perSecond > 0 && burst >= perSecond)
    return { perSecond, burst };
  context.addIssue("must be 0 for no limit, or PER_SECOND/BURST with a burst that is not smaller, as 20/60");
  return z.NEVER;
});

const namedNetworks = ["loopback", "linklocal", "uniquelocal"];

/** Express takes no network with the prefix 0, which would be every address. */
function isNetwork(entry: string): boolean {
  const [, address = "", prefix = "1"] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  return namedNetworks.includes(entry) || (version !== 0 && Number(prefix) >= 1 && Number(prefix) <= longest);
}

/** In the form that express expects; never "all", with which any client could choose its address. */
export const trustedProxies = z.string().transform((text, context): number | readonly string[] => {
  if (/^\d$/.test(text)) return Number(text);
  const entries = text.split(",").map((entry) => entry.trim());
  if (entries.every(isNetwork)) return entries;
  context.addIssue("must be the number of proxies in front (0 to 9), or their addresses or networks joined by commas");
  return z.NEVER;
});
