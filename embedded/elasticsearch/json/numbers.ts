/** A float32 or double in an answer, printed as Java does: `1.0`, `1.6094592E12`. */
export class Real {
  readonly value: number;
  /** Whether the shortest digits are those of a float32. */
  readonly single: boolean;

  constructor(value: number, single = false) {
    this.value = value;
    this.single = single;
  }
}

export const double = (value: number) => new Real(value);
export const float = (value: number) => new Real(value, true);

/** Double.toString of Java 19 and later: the shortest digits that identify the number. */
export function doubleText(value: number): string {
  return javaDigits(value, String(Math.abs(value)));
}

/** Float.toString: the shortest digits that identify the float32. Many hits have equal scores, so the texts are cached. */
export function floatText(value: number): string {
  // 0 and -0 are one key.
  if (value === 0) return shortestFloat(value);
  let text = floats.get(value);
  if (text === undefined) {
    text = shortestFloat(value);
    if (floats.size >= maxFloats) floats.clear();
    floats.set(value, text);
  }
  return text;
}
const floats = new Map<number, string>();
const maxFloats = 10_000;

function shortestFloat(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(size) && size < 2 ** 23) return javaDigits(value, String(size));
  // If fewer than six digits identify it, they are among the first six: half a unit of the last digit exceeds the precision of a float32.
  for (let digits = 6; digits <= 9; digits++) {
    const short = size.toPrecision(digits);
    if (Math.fround(Number(short)) === size) return javaDigits(value, String(nearestEven(short, digits, size)));
  }
  return javaDigits(value, String(size));
}

/** Of two equally near texts the one that ends in an even digit; toPrecision rounds up. */
function nearestEven(short: string, digits: number, size: number): number {
  const up = Number(short);
  const step = 10 ** (Math.floor(Math.log10(up)) - digits + 1);
  const down = Number((up - step).toPrecision(digits));
  const isOdd = Math.round(up / step) % 2 === 1;
  return isOdd && Math.abs(up - size) === Math.abs(size - down) && Math.fround(down) === size ? down : up;
}

function javaDigits(value: number, shortest: string): string {
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return (value < 0 ? "-" : "") + shortest + (shortest.includes(".") ? "" : ".0");
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}Infinity`;
  const [mantissa = "0", exponentText] = shortest.split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  if (size === 0) return `${sign}0.0`;

  const digits = (whole + fraction).replace(/^0+/, "").replace(/0+$/, "") || "0";
  const leadingZeros = (whole + fraction).length - (whole + fraction).replace(/^0+/, "").length;
  // The number is 0.DIGITS × 10^point.
  const point = whole.length - leadingZeros + Number(exponentText ?? 0);
  return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${point - 1}`;
}
