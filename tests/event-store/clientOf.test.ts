import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { clientOf } from "../../src/event-store/clientOf.ts";
import type { Logger } from "../../src/platform/logger.ts";

const warned: string[] = [];
const logger = { warn: (message: string) => warned.push(message) } as unknown as Logger;
const onConsole = vi.spyOn(console, "warn").mockImplementation(() => {});
afterEach(() => {
  warned.length = 0;
  onConsole.mockClear();
});

const credentials = "admin:S3cretPw";

test.each([
  [`esdb://${credentials}@localhost:2113?tls=flase`, "expected true or false at character 42"],
  [`kurrentdb://${credentials}@localhost:2113?tls=flase`, "expected true or false at character 47"],
  [`esdb://${credentials}@localhost:2113?tls=false&keepAliveInterval=abc`, "expected Integer at character 66"],
  [`esdb://${credentials}@localhost:2113?nodePreference=ledaer`, "expected leader or follower or"],
  [`esdb://${credentials}@localhost:2113?tls`, "expected ?key=value at character 37"],
  ["esdb://admin:S3cretPw%@localhost:2113?tls=false", "URI malformed"],
  [`esdb://${credentials}@localhost:2113?tlsCAFile=/nowhere`, "File was not found"],
])("%s is refused by the name of the setting, without a piece of its value", (url, problem) => {
  let thrown: unknown;
  try {
    clientOf(url, logger);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ message: expect.stringMatching(/^EVENTSTORE_URL: /) });
  expect((thrown as Error).message).toContain(problem);
  expect(inspect(thrown, { showHidden: true })).not.toMatch(/S3cretPw|flase|ledaer|=abc|nowhere/);
});

test.each(["tsl=false", "tlsVerifyCert=false"])(
  "a warning of the client about %s is logged, without the value",
  (option) => {
    clientOf(`esdb://${credentials}@localhost:2113?${option}`, logger);
    expect(warned).toEqual([expect.stringContaining(`EVENTSTORE_URL: `)]);
    expect(warned[0]).toContain(`"${option.split("=")[0]}"`);
    expect(warned[0]).not.toContain("S3cretPw");
    expect(onConsole).not.toHaveBeenCalled();
    console.warn("it is itself again");
    expect(onConsole).toHaveBeenCalledOnce();
  },
);
