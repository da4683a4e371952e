import { expect, test } from "vitest";
import { createDeliveryQueue } from "../../src/event-store/wire/deliveryQueue.ts";

const ended = { value: undefined, done: true };

test("results are given in order, kept or waited for", async () => {
  const queue = createDeliveryQueue<number>();
  queue.deliver(1);
  queue.deliver(2);
  expect(queue.size()).toBe(2);
  expect(await queue.next()).toEqual({ value: 1, done: false });
  expect(await queue.next()).toEqual({ value: 2, done: false });
  const waiting = [queue.next(), queue.next()];
  queue.deliver(3);
  queue.deliver(4);
  expect(queue.size()).toBe(0);
  expect(await Promise.all(waiting)).toEqual([
    { value: 3, done: false },
    { value: 4, done: false },
  ]);
});

test("what is kept comes before the end, and the end comes to all who wait", async () => {
  const queue = createDeliveryQueue<number>();
  queue.deliver(1);
  queue.end();
  expect(queue.isEnded()).toBe(true);
  expect([await queue.next(), await queue.next(), await queue.next()]).toEqual([
    { value: 1, done: false },
    ended,
    ended,
  ]);
  const other = createDeliveryQueue<number>();
  const waiting = [other.next(), other.next()];
  other.end();
  expect(await Promise.all(waiting)).toEqual([ended, ended]);
});

test("an error is given once, after what is kept; a second end changes nothing", async () => {
  const queue = createDeliveryQueue<number>();
  queue.deliver(1);
  queue.end(new Error("broke off"));
  queue.end(new Error("another"));
  expect(await queue.next()).toEqual({ value: 1, done: false });
  await expect(queue.next()).rejects.toThrow("broke off");
  expect(await queue.next()).toEqual(ended);
});

test("of several who wait one gets the error and the others the end", async () => {
  const queue = createDeliveryQueue<number>();
  const [first, second] = [queue.next(), queue.next()];
  queue.end(new Error("broke off"));
  await expect(first).rejects.toThrow("broke off");
  expect(await second).toEqual(ended);
});

test("what is kept can be taken at once, or dropped", async () => {
  const queue = createDeliveryQueue<number>();
  for (const result of [1, 2, 3]) queue.deliver(result);
  expect(queue.takeReady()).toEqual([1, 2, 3]);
  expect(queue.takeReady()).toEqual([]);
  queue.deliver(4);
  queue.clear();
  queue.end();
  expect(await queue.next()).toEqual(ended);
});
