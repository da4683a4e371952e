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

function knownUpTo(count: number) {
  const known = new KnownCommands();
  for (let number = 0; number < count; number++) known.remember(idOf(number), command(number));
  return known;
}

test("the last four are known in detail, of older ones where their events are", () => {
  const known = knownUpTo(6);
  expect([2, 3, 4, 5].map((number) => known.find(idOf(number)))).toEqual([2, 3, 4, 5].map((number) => command(number)));
  expect([0, 1].map((number) => known.find(idOf(number)))).toEqual([undefined, undefined]);
  expect([0, 1, 2].map((number) => known.placeOf(idOf(number)))).toEqual([
    { revision: 0n, events: 1 },
    { revision: 1n, events: 1 },
    undefined,
  ]);
  expect(known.last()).toEqual([idOf(5), command(5)]);
  expect(known.size).toBe(6);
});

test("further events of the latest one count as its own", () => {
  const known = knownUpTo(3);
  known.remember(idOf(2), command(4, 3));
  for (let number = 5; number < 10; number++) known.remember(idOf(number), command(number));
  expect(known.placeOf(idOf(2))).toEqual({ revision: 4n, events: 3 });
  expect(known.size).toBe(8);
});

test(`the last ${rememberedCommands} are remembered, in a fraction of the memory of as many in detail`, () => {
  const known = knownUpTo(700);
  const isKnown = (number: number) => known.find(idOf(number)) ?? known.placeOf(idOf(number));
  expect(known.size).toBe(rememberedCommands);
  expect(isKnown(199)).toBeUndefined();
  expect(isKnown(200)).toEqual({ revision: 200n, events: 1 });
  expect(known.bytes).toBeLessThan((rememberedCommands * knownUpTo(1).bytes) / 10);
});

test("one that is forgotten is unknown, the others are not", () => {
  const known = knownUpTo(7);
  for (const number of [1, 6]) known.forget(idOf(number));
  known.forget(idOf(99));
  const found = [0, 1, 2, 3, 4, 5, 6].map((number) => known.find(idOf(number)) ?? known.placeOf(idOf(number)));
  expect(found.map((one) => one?.revision)).toEqual([0n, undefined, 2n, 3n, 4n, 5n, undefined]);
});

test("what is remembered in a copy, or read from its contents, is unknown to the original", () => {
  const known = knownUpTo(7);
  const { detailed, older } = known.contents();
  for (const other of [known.copy(), new KnownCommands(detailed, older)]) {
    expect(other.contents()).toEqual(known.contents());
    other.remember(idOf(7), command(7));
    expect(other.size).toBe(8);
    expect(known.size).toBe(7);
    expect(known.placeOf(idOf(3))).toBeUndefined();
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
        expect((known.find(idOf(number)) ?? known.placeOf(idOf(number)))?.revision).toBe(BigInt(revision));
      }
    }),
  );
});
