/**
 * The number of words as Chinese publishers count them: all characters (code points) except white space. Without an array of the
 * characters, which takes five times as long.
 */
export function countWords(text: string): number {
  const pairs = text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0;
  return text.replace(/\s+/gu, "").length - pairs;
}
