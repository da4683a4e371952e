import { Command, CommanderError } from "commander";
import { fileErrorInWords, isFileError } from "../platform/fileErrors.ts";
import { type AccountDependencies, addAccount } from "./account.ts";
import { addCourseImport, type CourseImportCliDependencies } from "./courseImport.ts";
import { addDoctor, type DoctorDependencies } from "./doctor.ts";
import { addLibraryBooks, type LibraryBooksDependencies } from "./libraryBooks.ts";
import { addLibraryCheck, type LibraryCheckDependencies } from "./libraryCheck.ts";
import { addLibraryImport, type LibraryImportDependencies } from "./libraryImport.ts";
import { addMigrate, type MigrateDependencies } from "./migrate.ts";
import { OutputFailed } from "./print.ts";
import type { BuildsDependencies } from "./projections/buildsDependencies.ts";
import { addCompare, type CompareDependencies } from "./projections/compare.ts";
import { addEndingBuilds } from "./projections/endBuilds.ts";
import { addRebuild } from "./projections/rebuild.ts";
import { addWait } from "./projections/wait.ts";
import { addProjectionsParked } from "./projectionsParked.ts";
import { addProjectionsRetry, type ProjectionsRetryDependencies } from "./projectionsRetry.ts";
import { addProjectionsSkip, type ProjectionsSkipDependencies } from "./projectionsSkip.ts";
import { addProjectionsStatus, type ProjectionsStatusDependencies } from "./projectionsStatus.ts";
import { addProjectionsVerify, type ProjectionsVerifyDependencies } from "./projectionsVerify.ts";
import { addReaderCorrections, type ReaderCorrectDependencies } from "./reader/correct.ts";
import { addReaderPurge, type ReaderPurgeDependencies } from "./reader/purge.ts";
import { addReaderTrace, type ReaderTraceDependencies } from "./reader/trace.ts";
import { addReplay, type ReplayDependencies } from "./replay/index.ts";
import { addScavenge, type ScavengeCliDependencies } from "./scavenge.ts";
import { addToken, type TokenDependencies } from "./token.ts";

export type CliDependencies = LibraryImportDependencies &
  LibraryBooksDependencies &
  LibraryCheckDependencies &
  MigrateDependencies &
  DoctorDependencies &
  ProjectionsStatusDependencies &
  ProjectionsVerifyDependencies &
  ProjectionsRetryDependencies &
  ProjectionsSkipDependencies &
  BuildsDependencies &
  CompareDependencies &
  ScavengeCliDependencies &
  AccountDependencies &
  ReaderTraceDependencies &
  ReaderCorrectDependencies &
  ReaderPurgeDependencies &
  CourseImportCliDependencies &
  ReplayDependencies &
  TokenDependencies;

/** 0: done, 1: failed, 2: invalid command line. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs one `heima` command. Never rejects: a failure becomes one readable message on stderr and the exit code; that nobody reads
 * the output any more becomes the exit code alone.
 */
export async function runCli(args: readonly string[], deps: CliDependencies): Promise<ExitCode> {
  const heima = new Command("heima")
    .description("Tools of Heima Literature. Settings come from the environment; .env.example explains each.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => deps.stdout.write(text), writeErr: (text) => deps.stderr.write(text) })
    .showHelpAfterError("(--help shows how to use it)");
  const library = heima.command("library").description("manage the books of the library");
  addLibraryImport(library, deps);
  addLibraryBooks(library, deps);
  addCourseImport(heima, deps);
  addLibraryCheck(library, deps);
  addAccount(heima, deps);
  addToken(heima, deps);
  addMigrate(heima, deps);
  addDoctor(heima, deps);
  const projections = heima.command("projections").description("the read models");
  addProjectionsStatus(projections, deps);
  addProjectionsVerify(projections, deps);
  addProjectionsParked(projections, deps);
  addProjectionsRetry(projections, deps);
  addProjectionsSkip(projections, deps);
  addRebuild(projections, deps);
  addEndingBuilds(projections, deps);
  addWait(projections, deps);
  addCompare(projections, deps);
  addScavenge(heima, deps);
  const reader = heima.command("reader").description("one reader: what happened, corrections, erasure");
  addReaderTrace(reader, deps);
  addReaderCorrections(reader, deps);
  addReaderPurge(reader, deps);
  addReplay(heima, deps);
  try {
    await heima.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander also throws for --help, with code 0, after printing it.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isReaderGone = error instanceof OutputFailed && error.isReaderGone;
    if (!isReaderGone) deps.stderr.write(`heima: ${messageOf(error)}\n`);
    return 1;
  }
}

/** A refused connection is an AggregateError without a message: use its first error's. One of a file names the file, and no system call. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  if (isFileError(error)) return `${error.path}: ${fileErrorInWords(error)}`;
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}
