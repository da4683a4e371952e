const digits = new Map<string, number>(
  [
    "0０〇○零Ｏ",
    "1１一壹—－―─",
    "2２二两兩贰貳",
    "3３三叁參叄",
    "4４四肆",
    "5５五伍",
    "6６六陆陸",
    "7７七柒",
    "8８八捌",
    "9９九玖",
  ].flatMap((same, digit) => [...same].map((character) => [character, digit] as const)),
);
for (const [index, circled] of [..."①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"].entries()) digits.set(circled, index + 1);
/** Roman numbers that are one character each, 1 to 12. */
export const romanCharacters = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ";
for (const [index, roman] of [...romanCharacters].entries()) digits.set(roman, index + 1);

const multipliers: ReadonlyMap<string, number> = new Map(
  Object.entries({
    十: 10,
    拾: 10,
    百: 100,
    佰: 100,
    千: 1_000,
    仟: 1_000,
    万: 10_000,
    萬: 10_000,
  }),
);

const tens: ReadonlyMap<string, number> = new Map([
  ["廿", 20],
  ["卅", 30],
]);

/** The characters that a number may be written in, for a character class. A dash stands for 一 in badly scanned files. */
export const numeralCharacters = [...digits.keys(), ...multipliers.keys(), ...tens.keys()].join("").replace("-", "\\-");

/** The Arabic digits among them, of either width. */
export const arabicDigits = "0-9０-９";

/**
 * Parses a number, or returns undefined: Arabic digits of either width, Chinese and financial numerals, digit by digit (一二〇) or
 * with units (一百二十), 廿 and 卅, white space inside. At most 99,999.
 */
export function numberOf(written: string): number | undefined {
  const characters = [...written.replace(/\s/gu, "")];
  if (characters.length === 0 || characters.length > 12) return undefined;
  const value = characters.some((character) => multipliers.has(character) || tens.has(character))
    ? withUnits(characters)
    : digitByDigit(characters);
  return value !== undefined && value <= 99_999 ? value : undefined;
}

function digitByDigit(characters: readonly string[]): number | undefined {
  let value = 0;
  for (const character of characters) {
    const digit = digits.get(character);
    if (digit === undefined) return undefined;
    value = 10 * value + digit;
  }
  return value;
}

/** 一百零五 is 105, 一百五 is read as 105 too: in headings a missing 零 is commoner than a missing 十. */
function withUnits(characters: readonly string[]): number | undefined {
  let total = 0;
  let section = 0;
  let digit: number | undefined;
  for (const character of characters) {
    const multiplier = multipliers.get(character);
    if (multiplier === 10_000) {
      total += (section + (digit ?? 0) || 1) * multiplier;
      section = 0;
      digit = undefined;
    } else if (multiplier !== undefined) {
      section += (digit ?? 1) * multiplier;
      digit = undefined;
    } else if (tens.has(character)) {
      section += tens.get(character)!;
    } else {
      const next = digits.get(character);
      if (next === undefined) return undefined;
      digit = 10 * (digit ?? 0) + next;
    }
  }
  return total + section + (digit ?? 0);
}
