/** Events of this type name another event, `revision@stream`. */
export const linkType = "$>";

/** The event that a link names: the stream's name is everything after the first `@`. Undefined when the data is no link. */
export function parseLink(data: Buffer): { stream: string; revision: bigint } | undefined {
  const match = /^(\d{1,19})@(.*)$/s.exec(data.toString());
  return match ? { revision: BigInt(match[1] as string), stream: match[2] as string } : undefined;
}
