import type { CourseLoginDependencies } from "../../auth/courseLogin.ts";
import type { CourseTokens } from "../../auth/courseTokens.ts";
import type { BookExists } from "../../commands/library/bookExists.ts";
import type { OpenChapterDependencies } from "../../commands/reading/openChapter.ts";
import type { AddBookToShelfDependencies } from "../../commands/shelf/addBookToShelf.ts";
import type { HandleCommand } from "../../commands/types.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookRoutes } from "./books.ts";
import { categoryRoutes } from "./categories.ts";
import { configRoutes } from "./config.ts";
import { courseRoutes } from "./courseEndpoint.ts";
import { historyRoutes } from "./history.ts";
import { lastReadRoutes } from "./lastRead.ts";
import { loginRoutes } from "./login.ts";
import { type CourseSearchDependencies, searchRoutes } from "./search.ts";
import { shelfRoutes } from "./shelf.ts";

export type CourseDependencies = {
  readonly courseTokens: CourseTokens;
  readonly login: Omit<CourseLoginDependencies, "courseTokens">;
  readonly commands: { readonly handleCommand: HandleCommand; readonly bookExists: BookExists };
  readonly shelf: Pick<AddBookToShelfDependencies, "capacity">;
  readonly reading: Omit<OpenChapterDependencies, "handleCommand">;
  readonly search: CourseSearchDependencies;
};

/** All routes of the course's contract. */
export function courseEndpoints({
  courseTokens,
  login,
  commands,
  shelf,
  reading,
  search,
}: CourseDependencies): readonly Endpoint[] {
  const route = courseRoutes(courseTokens);
  const { pool } = login;
  return [
    ...loginRoutes(route, { ...login, courseTokens }),
    ...shelfRoutes(route, { ...commands, ...shelf }, pool),
    ...lastReadRoutes(route, pool),
    ...categoryRoutes(route, pool),
    ...bookRoutes(route, { ...commands, ...reading }, pool),
    ...searchRoutes(route, search, pool),
    ...historyRoutes(route, commands.handleCommand, pool),
    ...configRoutes(route, commands.handleCommand),
  ];
}
