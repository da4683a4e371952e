import type { CourseLoginDeps } from "../../auth/courseLogin.ts";
import type { CourseTokens } from "../../auth/courseTokens.ts";
import type { RecordProgressDeps } from "../../commands/reading/recordProgress.ts";
import type { AddBookToShelfDeps } from "../../commands/shelf/addBookToShelf.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookRoutes } from "./books.ts";
import { categoryRoutes } from "./categories.ts";
import { configRoutes } from "./config.ts";
import { courseRoutes } from "./courseEndpoint.ts";
import { historyRoutes } from "./history.ts";
import { lastReadRoutes } from "./lastRead.ts";
import { loginRoutes } from "./login.ts";
import { type CourseSearchDeps, searchRoutes } from "./search.ts";
import { shelfRoutes } from "./shelf.ts";

export type CourseDeps = {
  readonly courseTokens: CourseTokens;
  readonly login: Omit<CourseLoginDeps, "courseTokens">;
  readonly shelf: AddBookToShelfDeps;
  readonly reading: RecordProgressDeps;
  readonly search: CourseSearchDeps;
};

/** All routes of the course's contract. */
export function courseEndpoints({ courseTokens, login, shelf, reading, search }: CourseDeps): readonly Endpoint[] {
  const route = courseRoutes(courseTokens);
  const { pool } = login;
  return [
    ...loginRoutes(route, { ...login, courseTokens }),
    ...shelfRoutes(route, shelf, pool),
    ...lastReadRoutes(route, pool),
    ...categoryRoutes(route, pool),
    ...bookRoutes(route, { ...shelf, ...reading }, pool),
    ...searchRoutes(route, search, pool),
    ...historyRoutes(route, shelf.handleCommand, pool),
    ...configRoutes(route, shelf.handleCommand),
  ];
}
