/** A part of a file, in bytes: `from` inclusive, `to` exclusive. */
export type Stretch = { readonly from: number; readonly to: number };

/**
 * What UTF-8 finds in bytes: sequences of three or four bytes, and bytes that belong to no sequence. U+FFFD does not count: two of it,
 * from text that was once read in a wrong encoding, are 锟斤拷 in GB18030.
 */
export type Sequences = { readonly wide: number; readonly broken: number };

/**
 * The minimum number of sequences of three or four bytes in a stretch. In Chinese text of another encoding one of them comes up in some
 * hundred characters, five without a broken byte between them in none.
 */
const leastWide = 5;

/** A line, or a part of one between bytes of no sequence: its start or another. */
type Part = Stretch & { readonly wide: number; readonly is: "line" | "start" | "rest" };

/**
 * The stretches of a file that are UTF-8 beyond doubt, as far as lines go that have no other bytes. A line with other bytes has a
 * stretch only where the part of it would be one by itself.
 */
export function utf8Stretches(bytes: Uint8Array): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let open: { from: number; to: number; wide: number } | undefined;
  const close = () => {
    if (open !== undefined && open.wide >= leastWide) stretches.push({ from: open.from, to: open.to });
    open = undefined;
  };
  eachPart(bytes, ({ from, to, wide, is }) => {
    if (is === "rest") close();
    const belongs = is === "line" ? wide > 0 : wide >= leastWide;
    if (belongs) open = { from: open?.from ?? from, to, wide: (open?.wide ?? 0) + wide };
    if (is === "start") close();
  });
  close();
  return stretches;
}

/** Counts the sequences of UTF-8 in bytes. */
export function sequencesIn(bytes: Uint8Array): Sequences {
  let [wide, broken] = [0, 0];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    if (length === 0) broken += 1;
    else if (isWide(bytes, at, length)) wide += 1;
    at += Math.max(1, length);
  }
  return { wide, broken };
}

/** Returns whether bytes have more sequences of three or four bytes than bytes of no sequence. */
export function isMostlyUtf8(bytes: Uint8Array): boolean {
  const { wide, broken } = sequencesIn(bytes);
  return wide > broken;
}

/** Calls `onPart` with each line and part of a line, in order. */
function eachPart(bytes: Uint8Array, onPart: (part: Part) => void): void {
  let [lineFrom, from, first, last, wide] = [0, 0, 0, 0, 0];
  const end = (to: number, isLineEnd: boolean) => {
    if (isLineEnd && from === lineFrom) onPart({ from, to, wide, is: "line" });
    // Around the sequences may be halves of other characters.
    else onPart({ from: first, to: last, wide, is: from === lineFrom ? "start" : "rest" });
    wide = 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    const length = sequenceAt(bytes, at);
    if (length === 0) {
      end(at, false);
      from = at + 1;
    } else if (isWide(bytes, at, length)) {
      if (wide === 0) first = at;
      last = at + length;
      wide += 1;
    } else if (byte === 0x0a || byte === 0x0d) {
      end(at + 1, true);
      from = at + 1;
      lineFrom = from;
    }
    at += Math.max(1, length);
  }
  end(bytes.length, true);
}

/** The length of the sequence of UTF-8 that begins here; 0 if none does. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (let next = at + 1; next < at + length; next += 1) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** Returns whether a sequence is one of `Sequences.wide`. */
function isWide(bytes: Uint8Array, at: number, length: number): boolean {
  return length > 2 && !(bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd);
}
