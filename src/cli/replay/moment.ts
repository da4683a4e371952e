import { InvalidArgumentError } from "commander";
import { type Asked, parseMoment } from "../../replay/range.ts";

/** An end of a range as an option: a day of China, a time with its zone, or a position. */
export function momentOption(text: string): Asked {
  const moment = parseMoment(text);
  if (moment === undefined)
    throw new InvalidArgumentError("It must be a day (2026-11-28), a time with its zone, or a position.");
  return { text, moment };
}
