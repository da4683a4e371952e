import { InvalidArgumentError } from "commander";

/** Parses a number from 1. */
export function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("It must be a number from 1.");
  return Number(value);
}
