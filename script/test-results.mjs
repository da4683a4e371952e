// test-results: reads what vitest's JSON reporter wrote.
//   failed FILE        the test files that failed, relative to this folder, one a line; none if there are more than five
//   count FILE [AGAIN] tests passed and failed; a test file that is in AGAIN counts as it does there
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const [command, first, again] = process.argv.slice(2);
const filesIn = (path) => JSON.parse(readFileSync(path, "utf8")).testResults;
const maxToRepeat = 5;

if (command === "failed") {
  const failed = filesIn(first).filter(({ status }) => status !== "passed");
  if (failed.length <= maxToRepeat) for (const { name } of failed) console.log(relative("", name));
} else {
  const byName = new Map(filesIn(first).map((file) => [file.name, file]));
  if (again !== undefined && existsSync(again)) for (const file of filesIn(again)) byName.set(file.name, file);
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of byName.values()) {
    const failures = assertionResults.filter((test) => test.status === "failed").length;
    passed += assertionResults.filter((test) => test.status === "passed").length;
    // A file that cannot be loaded has no failed test; it counts as one.
    failed += status === "passed" ? failures : Math.max(failures, 1);
  }
  console.log(passed, failed);
}
