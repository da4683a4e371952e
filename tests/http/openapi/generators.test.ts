import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@hey-api/openapi-ts";
import openapiTypescript, { astToString, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documented } from "./described.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-generated-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const document = JSON.parse(JSON.stringify(documented())) as Record<string, unknown>;

/** The errors of `tsc --strict` for a program in the folder. */
function faults(...files: string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => join(folder, file)),
    {
      noEmit: true,
      strict: true,
      types: [],
      lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}

/** Sends a file and a command; it would not compile if the client accepted anything as a file. */
const usesSdk = `import { postLibraryBooks, putShelfByBookId } from "./sdk/sdk.gen";
export const sent = [
  postLibraryBooks({ body: new Blob(["text"]), query: { fileName: "a.txt" } }),
  putShelfByBookId({ path: { bookId: "abcdefghij01" }, body: {} }),
];
// @ts-expect-error A file is no number.
export const wrong = postLibraryBooks({ body: 1 });
`;
const usesTypes = `import type { operations } from "./types";
export const file: operations["postLibraryBooks"]["requestBody"]["content"]["application/epub+zip"] = "bytes";
// @ts-expect-error A file is no number.
export const wrong: operations["postLibraryBooks"]["requestBody"]["content"]["text/plain"] = 1;
`;

test("what openapi-typescript and Hey API generate compiles under strict", async () => {
  const ast = await openapiTypescript(document as unknown as OpenAPI3);
  await writeFile(join(folder, "types.ts"), astToString(ast));
  await createClient({
    input: document,
    output: join(folder, "sdk"),
    plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
    logs: { level: "silent" },
  });
  await writeFile(join(folder, "usesSdk.ts"), usesSdk);
  await writeFile(join(folder, "usesTypes.ts"), usesTypes);
  expect(faults("usesSdk.ts", "usesTypes.ts")).toEqual([]);
}, 300_000);
