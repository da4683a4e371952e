/** What a parser says of its own work: what it read, what of it is in the book, and what a person should look at. */
export type Account = {
  /** Letters and numbers of the file's text: without mark-up, headings, tables of contents and advertisements. */
  readonly read: number;
  /** Those of them that the book has. */
  readonly kept: number;
  /** By which rule the text was cut into chapters, in words. */
  readonly rule: string;
  readonly warnings: readonly string[];
};

/** Below the first share of the text something is missing; below the second an import is refused unless it is forced. */
export const keptShares = { warned: 0.98, refused: 0.9 } as const;

/** The share of a file's text that its book has, at most 1. */
export function keptShare({ read, kept }: Pick<Account, "read" | "kept">): number {
  return read === 0 ? 1 : Math.min(1, kept / read);
}

/**
 * An account with a warning if too much of the text is missing. `places` tell where, the first few of them.
 */
export function accountOf(
  counted: Pick<Account, "read" | "kept" | "rule">,
  warnings: readonly string[],
  places: readonly string[],
): Account {
  const share = keptShare(counted);
  if (share >= keptShares.warned) return { ...counted, warnings };
  const where = places.length === 0 ? "" : `: ${places.slice(0, 5).join("; ")}${places.length > 5 ? "; …" : ""}`;
  const missing = `only ${(100 * share).toFixed(1)} % of the text is in the book${where}`;
  return { ...counted, warnings: [missing, ...warnings] };
}

/** For each UTF-16 unit whether it is one of a letter, a number or half of a pair. */
const counted = new Uint8Array(0x1_0000);
for (let code = 0x30; code < 0x1_0000; code += 1) {
  const isHalf = code >= 0xd800 && code < 0xe000;
  if (isHalf || /[\p{L}\p{N}]/u.test(String.fromCharCode(code))) counted[code] = 1;
}

/** How much text there is: letters and numbers, in UTF-16 units. Signs and white space say nothing that could be lost. */
export function textLength(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) count += counted[text.charCodeAt(index)]!;
  return count;
}
