import { expect, test } from "vitest";
import { linesLost, openLineFile } from "../../src/platform/lineFile.ts";

const report = (lines: number, errorCode: string) => `lost ${lines} by ${errorCode}\n`;
const failure = (code: string) => Object.assign(new Error(code), { code });

/** A file with a limited size. */
function smallFile() {
  let text = "";
  let room = 0;
  let code = "ENOSPC";
  const file = openLineFile(-1, report, (bytes) => {
    if (room === 0) throw failure(code);
    const some = bytes.subarray(0, room);
    room -= some.length;
    text += Buffer.from(some).toString();
    return some.length;
  });
  return {
    write: file.write,
    text: () => text,
    makeRoom: (bytes: number) => {
      room = bytes;
    },
    failWith: (given: string) => {
      code = given;
    },
  };
}

test("lines that find no room are counted, and told before the first that finds some", () => {
  const before = linesLost();
  const file = smallFile();
  file.makeRoom(6);
  file.write("first\n");
  for (const line of ["second\n", "third\n"]) file.write(line);
  file.failWith("EIO");
  file.write("fourth\n");
  file.makeRoom(1_000);
  for (const line of ["fifth\n", "sixth\n"]) file.write(line);
  expect(file.text()).toBe("first\nlost 3 by EIO\nfifth\nsixth\n");
  expect(linesLost() - before).toBe(3);
});

test("half a line is ended, and counts as lost; so does one after a report that was cut off", () => {
  const file = smallFile();
  file.makeRoom(3);
  file.write("first\n");
  file.makeRoom(5);
  file.write("second\n");
  file.makeRoom(1_000);
  file.write("third\n");
  expect(file.text()).toBe("fir\nlost\nlost 2 by ENOSPC\nthird\n");
});

test("a pipe that is full for a moment loses nothing", () => {
  let refusals = 3;
  let text = "";
  const file = openLineFile(-1, report, (bytes) => {
    if (refusals-- > 0) throw failure("EAGAIN");
    text += Buffer.from(bytes).toString();
    return bytes.length;
  });
  file.write("first\n");
  expect(text).toBe("first\n");
});

test("a pipe that nobody reads holds a line up once, then loses lines at once", () => {
  let tries = 0;
  const file = openLineFile(-1, report, () => {
    tries += 1;
    throw failure("EAGAIN");
  });
  file.write("first\n");
  expect(tries).toBeGreaterThan(1);
  tries = 0;
  for (let line = 0; line < 100; line += 1) file.write("next\n");
  expect(tries).toBe(100);
});
