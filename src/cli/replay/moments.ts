import { InvalidArgumentError } from "commander";
import { type Asked, parseMoment } from "../../replay/range.ts";

export type { Asked };

/** Parses the start or end of a range. */
export function moment(text: string): Asked {
  const parsed = parseMoment(text);
  if (parsed === undefined)
    throw new InvalidArgumentError("It must be a day (2026-11-28), a time with its zone, or a position.");
  return { text, moment: parsed };
}
