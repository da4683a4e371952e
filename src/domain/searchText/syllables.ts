/** The syllables of Mandarin without tones, u for ü: each initial (- for none) with its finals. */
const finals = `-: a ai an ang ao e ei en eng er o ou
b: a ai an ang ao ei en eng i ian iao ie in ing o u
p: a ai an ang ao ei en eng i ian iao ie in ing o ou u
m: a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u
f: a an ang ei en eng o ou u iao
d: a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo
t: a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo
n: a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue uo un
l: a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan ue un uo
g: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
k: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
h: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
j: i ia ian iang iao ie in ing iong iu u uan ue un
q: i ia ian iang iao ie in ing iong iu u uan ue un
x: i ia ian iang iao ie in ing iong iu u uan ue un
zh: a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo
ch: a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo
sh: a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo
r: an ang ao e en eng i ong ou u ua uan ui un uo
z: a ai an ang ao e ei en eng i ong ou u uan ui un uo
c: a ai an ang ao e en eng i ong ou u uan ui un uo
s: a ai an ang ao e en eng i ong ou u uan ui un uo
y: a an ang ao e i in ing o ong ou u uan ue un
w: a ai an ang ei en eng o u`;

const initials: string[] = [];
const syllables = new Set<string>();
for (const line of finals.split("\n")) {
  const [initial = "", rest = ""] = line.replace(/^-/, "").split(": ");
  if (initial !== "") initials.push(initial);
  for (const final of rest.split(" ")) syllables.add(initial + final);
}
const beginnings = new Set(
  [...syllables].flatMap((syllable) => [...syllable].map((_, at) => syllable.slice(0, at + 1))),
);

/** A part of typed pinyin: a whole syllable, or its first letters. */
export type Unit = { readonly letters: string; readonly isWhole: boolean };

const longestSyllable = 6;
/** Longer runs of letters are not treated as pinyin. */
const maxLetters = 40;
/**
 * A whole syllable is more likely than an initial alone. Other beginnings are allowed only at the end, where the reader may
 * still be typing.
 */
const cost = { whole: 10, initial: 16, unfinished: 13 } as const;

/** The additional cost of unlikely segmentations: xi. an. for xian. is likely, d ou. for dou. is not. */
const unlikely = 15;

type Way = { readonly units: readonly Unit[]; readonly cost: number };

/** The number of segmentations that are considered. */
const maxWays = 4;

/**
 * Returns the segmentations of `letters` (a to z, u for ü) as pinyin, the most likely first, at most four: xian is xian. or xi.
 * an., dpcq is four initials, doupoc ends in one. Empty if it cannot be pinyin.
 */
export function unitsOf(letters: string): readonly (readonly Unit[])[] {
  if (letters.length > maxLetters || !/^[a-z]+$/.test(letters)) return [];
  const waysTo: Way[][] = [[{ units: [], cost: 0 }]];
  for (let end = 1; end <= letters.length; end++) {
    const ways: Way[] = [];
    for (let start = Math.max(0, end - longestSyllable); start < end; start++) {
      const unit = letters.slice(start, end);
      const price = costOf(unit, end === letters.length);
      if (price === undefined) continue;
      for (const way of waysTo[start] ?? []) {
        const isWhole = price === cost.whole;
        ways.push({ units: [...way.units, { letters: unit, isWhole }], cost: way.cost + price });
      }
    }
    waysTo.push(ways.sort((one, other) => one.cost - other.cost).slice(0, maxWays));
  }
  const [likeliest, ...others] = waysTo[letters.length] ?? [];
  if (likeliest === undefined) return [];
  return [likeliest, ...others.filter(({ cost }) => cost < likeliest.cost + unlikely)].map(({ units }) => units);
}

function costOf(unit: string, isLast: boolean): number | undefined {
  if (syllables.has(unit)) return cost.whole;
  if (initials.includes(unit)) return cost.initial;
  return isLast && beginnings.has(unit) ? cost.unfinished : undefined;
}
