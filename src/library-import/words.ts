/** The number of words as Chinese publishers count them: all characters (code points) except white space. */
export function countWords(text: string): number {
  return text.match(/\S/gu)?.length ?? 0;
}
