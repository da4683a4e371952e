import { pinyin } from "pinyin-pro";

/**
 * The key by which titles are sorted, byte by byte: the pinyin of each Chinese character with its tone (`hong2 lou2 meng4`),
 * everything else in lower case. If a new version of the library reads a character differently, raise the version of the read
 * model.
 */
export function titleKeyOf(title: string): string {
  const plain = title.normalize("NFKC").toLowerCase().trim();
  return pinyin(plain, { toneType: "num", type: "array", nonZh: "consecutive" })
    .map((syllable) => syllable.trim())
    .filter((syllable) => syllable !== "")
    .join(" ");
}
