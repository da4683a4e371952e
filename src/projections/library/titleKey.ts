import { pinyin } from "pinyin-pro";

/**
 * What titles are sorted by, byte by byte: the pinyin of each Chinese character with its tone (`hong2 lou2 meng4`), everything else
 * in lower case as it stands. Another reading of a character, as by a new version of the library, is a new read model version.
 */
export function titleKeyOf(title: string): string {
  const plain = title.normalize("NFKC").toLowerCase().trim();
  return pinyin(plain, { toneType: "num", type: "array", nonZh: "consecutive" })
    .map((syllable) => syllable.trim())
    .filter((syllable) => syllable !== "")
    .join(" ");
}
