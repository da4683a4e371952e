import { Writable } from "node:stream";
import { type CliDependencies, runCli } from "../../src/cli/program.ts";
import type { CommandResult } from "../../src/commands/types.ts";
import { nameOf } from "../../src/domain/streamNames.ts";
import { readBooks } from "../../src/library-import/readBooks.ts";

/** The answer to a command that changes nothing. */
export const nothingWritten: CommandResult = {
  outcome: "unchanged",
  position: null,
  revision: null,
  events: [],
  consistencyToken: null,
};

const nothingBehind = async () => {
  throw new Error("nothing is behind this");
};

/**
 * Runs `heima` in this process; resolves with the exit code, what was printed, and the commands sent to a library that accepts
 * every command: this tests only the command line. `deps` replace its dependencies.
 */
export async function runWith(args: readonly string[], deps: Partial<CliDependencies> = {}) {
  const commands: unknown[] = [];
  const written = { stdout: "", stderr: "" };
  const into = (stream: keyof typeof written) =>
    new Writable({
      write(text, _encoding, done) {
        written[stream] += text;
        done();
      },
    });
  const code = await runCli(args, {
    stdout: into("stdout"),
    stderr: into("stderr"),
    // In this process: a test of the command line need not start another one.
    startBookReader: () => ({ read: readBooks, close() {} }),
    withLibrary: (work) =>
      work({
        storeTexts: async (texts) => texts.length,
        storeCover: async () => "c".repeat(64),
        publishedChapters: async () => ({ edition: 0, chapters: [] }),
        bookOfFile: async () => undefined,
        rememberFile: async () => {},
        handleCommand: async (stream, id, command): Promise<CommandResult> => {
          if ((command as { type: string }).type !== "CompareEdition") commands.push([nameOf(stream, id), command]);
          return {
            outcome: "appended",
            position: null,
            revision: null,
            events: [(command as { type: string }).type === "CatalogueBook" ? "BookCatalogued" : "BookPublished"],
            consistencyToken: null,
          };
        },
      }),
    withCourse: async () => {
      throw new Error("there is no service");
    },
    demoFiles: async () => [],
    listBooks: async function* () {},
    bookOutline: async () => undefined,
    withdrawBook: async () => nothingWritten,
    restoreBook: async () => nothingWritten,
    migrate: async () => {},
    doctor: async () => [],
    projectionsStatus: async () => [],
    readModels: [],
    verifyReadModel: async () => ({
      build: "",
      keys: 0,
      rows: 0,
      events: 0,
      passes: 1,
      differences: 0,
      found: [],
    }),
    parkedKeys: async function* () {},
    retryParked: async () => [],
    skipParked: async () => nothingWritten,
    withBuilds: async () => {
      throw new Error("there are no builds");
    },
    scavenge: async () => ({ marker: 0n, scavengeId: "", result: "Success" }),
    readerEvents: async function* () {},
    replaceBookFor: async () => nothingWritten,
    removeBookFor: async () => nothingWritten,
    compareBuilds: nothingBehind,
    runReducer: nothingBehind,
    projectTrial: nothingBehind,
    listTrials: async () => [],
    dropTrial: async () => false,
    pastOf: async () => ({ found: [], titles: new Map() }),
    eraseReader: async () => [],
    exportEvents: async () => {
      throw new Error("there are no events");
    },
    queryEvents: async () => {
      throw new Error("there are no events");
    },
    reportEvents: async () => 0,
    listCopies: async () => [],
    forgetCopy: async () => false,
    purge: async () => ({ scavengeId: "", tables: 0, left: [] }),
    interruption: () => new AbortController().signal,
    grantRole: async () => undefined,
    revokeRole: async () => undefined,
    developmentToken: () => ({ accessToken: "", expiresIn: 0 }),
    ...deps,
  });
  return { code, commands, ...written };
}
