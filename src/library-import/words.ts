/** Words as Chinese publishers count them: all characters (code points) but white space. */
export function countWords(text: string): number {
  return text.match(/\S/gu)?.length ?? 0;
}
