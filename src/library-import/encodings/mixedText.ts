import { decodeBytes } from "./decodeBytes.ts";
import { legacyEncoding, likeness, sampleBytes } from "./legacyEncoding.ts";
import { isMostlyUtf8, type Stretch, sequencesIn, utf8Stretches } from "./utf8Stretches.ts";

/** A second encoding: how much of the text was in it, and where the first change between the two is, in UTF-16 units. */
export type SecondEncoding = { readonly encoding: string; readonly units: number; readonly changesAt: number };
export type MixedText = { readonly text: string; readonly encoding: string; readonly second?: SecondEncoding };

/** Fewer bytes of no sequence between two stretches of UTF-8 are damage. */
const leastBroken = 4;
/** Text in the encodings that are put together with UTF-8 has more of the common characters: a third, at random next to none. */
const leastLikeness = 0.1;
const joinable: ReadonlySet<string> = new Set(["gb18030", "big5"]);

/**
 * Decodes a file that is not all UTF-8: in an encoding without a mark; as UTF-8 with damaged bytes; or, if two files were put together,
 * each stretch in its own encoding. `marked`: that of its byte-order mark. `encoding` of the result is that of most bytes.
 */
export function mixedText(bytes: Buffer, marked?: string): MixedText {
  const stretches = utf8Stretches(bytes);
  if (stretches.length === 0) return single(bytes, marked ?? (isMostlyUtf8(bytes) ? "utf-8" : legacyEncoding(bytes)));
  const between = complement(stretches, bytes.length);
  const others = between.filter(({ from, to }) => sequencesIn(bytes.subarray(from, to)).broken >= leastBroken);
  if (others.length === 0) return single(bytes, "utf-8");
  const other = Buffer.concat(others.map(({ from, to }) => bytes.subarray(from, to)));
  const encoding = legacyEncoding(other);
  const isText = likeness(decodeBytes(other.subarray(0, sampleBytes), encoding)) >= leastLikeness;
  const isMain = 2 * other.length > bytes.length;
  if (!isMain && !(isText && joinable.has(encoding))) return single(bytes, "utf-8");
  return joined(bytes, others, encoding, isMain);
}

function single(bytes: Buffer, encoding: string): MixedText {
  return { text: decodeBytes(bytes, encoding), encoding };
}

/** Decodes `others` in `encoding`, and the rest as UTF-8. */
function joined(bytes: Buffer, others: readonly Stretch[], encoding: string, isMain: boolean): MixedText {
  const parts = [
    ...others.map((part) => ({ ...part, isOther: true })),
    ...complement(others, bytes.length).map((part) => ({ ...part, isOther: false })),
  ].sort((a, b) => a.from - b.from);
  const texts = parts.map(({ from, to, isOther }) =>
    decodeBytes(bytes.subarray(from, to), isOther ? encoding : "utf-8"),
  );
  const isSecond = (index: number) => parts[index]!.isOther !== isMain;
  const second = texts.filter((_, index) => isSecond(index));
  return {
    text: texts.join(""),
    encoding: isMain ? encoding : "utf-8",
    second: {
      encoding: isMain ? "utf-8" : encoding,
      units: second.reduce((units, { length }) => units + length, 0),
      changesAt: texts[0]!.length,
    },
  };
}

/** What lies between stretches, in order. */
function complement(stretches: readonly Stretch[], length: number): readonly Stretch[] {
  const starts = [0, ...stretches.map(({ to }) => to)];
  const ends = [...stretches.map(({ from }) => from), length];
  return starts.map((from, index) => ({ from, to: ends[index]! })).filter(({ from, to }) => from < to);
}
