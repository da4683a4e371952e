import fc from "fast-check";
import { expect, test } from "vitest";
import { type KnownCommand, KnownCommands, rememberedCommands } from "../../src/commands/knownCommands.ts";

const command = (revision: number, events = 1): KnownCommand => ({
  hash: `hash ${revision}`,
  revision: BigInt(revision),
  position: BigInt(revision * 100),
  types: Array(events).fill("BookAddedToShelf"),
  books: [],
});
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** The revision at which a command with this number is known. */
const revisionOf = (known: KnownCommands, number: number) =>
  (known.find(idOf(number)) ?? known.placesOf(idOf(number))[0])?.revision;

function knownUpTo(count: number) {
  const known = new KnownCommands();
  for (let number = 0; number < count; number++) known.remember(idOf(number), command(number));
  return known;
}

test("the last four are known whole, of older ones where their events are", () => {
  const known = knownUpTo(6);
  expect([2, 3, 4, 5].map((number) => known.find(idOf(number)))).toEqual([2, 3, 4, 5].map((number) => command(number)));
  expect([0, 1].map((number) => known.find(idOf(number)))).toEqual([undefined, undefined]);
  expect([0, 1, 2].map((number) => known.placesOf(idOf(number)))).toEqual([
    [{ revision: 0n, events: 1 }],
    [{ revision: 1n, events: 1 }],
    [],
  ]);
  expect(known.size).toBe(6);
});

test("further events of the latest one count as its own", () => {
  const known = knownUpTo(3);
  known.remember(idOf(2), command(4, 3));
  for (let number = 5; number < 10; number++) known.remember(idOf(number), command(number));
  expect(known.placesOf(idOf(2))).toEqual([{ revision: 4n, events: 3 }]);
  expect(known.size).toBe(8);
});

test(`the last ${rememberedCommands} are remembered, in a fraction of the memory of as many whole ones`, () => {
  const known = knownUpTo(700);
  expect(known.size).toBe(rememberedCommands);
  expect(revisionOf(known, 199)).toBeUndefined();
  expect(revisionOf(known, 200)).toBe(200n);
  expect(known.bytes).toBeLessThan((rememberedCommands * knownUpTo(1).bytes) / 10);
});

test.each([1, 3, 4, 5, 7])("of %i the oldest is forgotten if it has the id, and no other", (count) => {
  const known = knownUpTo(count);
  for (const number of [99, count, 1]) known.forgetOldest(idOf(number));
  expect(known.size).toBe(count);
  known.forgetOldest(idOf(0));
  const numbers = Array.from({ length: count }, (_, number) => number);
  expect(numbers.map((number) => revisionOf(known, number))).toEqual([undefined, ...numbers.slice(1).map(BigInt)]);
});

test("what is remembered in a copy, or read from its contents, is unknown to the original", () => {
  const known = knownUpTo(7);
  const { whole, older } = known.contents();
  for (const other of [known.copy(), new KnownCommands(whole, older)]) {
    expect(other.contents()).toEqual(known.contents());
    other.remember(idOf(7), command(7));
    expect(other.size).toBe(8);
    expect(known.size).toBe(7);
    expect(known.placesOf(idOf(3))).toEqual([]);
  }
});

test("of two commands with the same id the later one counts", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(12), { maxLength: 40 }), (numbers) => {
      const known = new KnownCommands();
      const last = new Map<number, number>();
      for (const [revision, number] of numbers.entries()) {
        known.remember(idOf(number), command(revision));
        last.set(number, revision);
      }
      for (const [number, revision] of last) {
        expect(revisionOf(known, number)).toBe(BigInt(revision));
      }
    }),
  );
});
