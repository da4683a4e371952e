import { type ImportUserDependencies, importAccount } from "./importUser.ts";
import type { ImportedUser } from "./ledger.ts";
import type { CourseUser } from "./readers.ts";
import { accountErased, isErasure } from "./reasonOf.ts";
import { UnusableRow } from "./values.ts";

/** The readers that users of the course became, in this run and earlier ones. */
export type CourseReaders = {
  /** Creates the account of a user who was not imported before. */
  register(user: CourseUser): Promise<void>;
  /** Throws UnusableRow if the user was not imported, or the account was erased. */
  idOf(userId: number): string;
  isErased(userId: number): boolean;
  /** Whether the account was created in this run. */
  isNew(userId: number): boolean;
  /** Throws UnusableRow if the user with this id was imported with another openid. */
  requireSame(userId: number): void;
};

/**
 * Finds the users of the files among those that were imported before. Rejects if most of them had other openids: the files are of
 * another database of the course, whose ids stand for other users, books and rows.
 */
export async function findReaders(
  deps: ImportUserDependencies,
  users: readonly CourseUser[],
  correlationId: string,
): Promise<CourseReaders> {
  const imported = await deps.ledger.users();
  const others = withOtherOpenid(users, imported);
  const readerIds = new Map([...imported].map(([userId, { readerId }]) => [userId, readerId]));
  const created = new Set<number>();
  return {
    async register(user) {
      if (readerIds.has(user.id)) return;
      const account = await importAccount(deps, user, correlationId).catch((error: unknown) => {
        if (!isErasure(error)) throw error;
      });
      readerIds.set(user.id, account?.readerId ?? null);
      if (account?.isNew) created.add(user.id);
    },
    idOf(userId) {
      const readerId = readerIds.get(userId);
      if (readerId === undefined) throw new UnusableRow(`names user ${userId}, which was not imported`);
      if (readerId === null) throw new UnusableRow(accountErased);
      return readerId;
    },
    isErased: (userId) => readerIds.get(userId) === null,
    isNew: (userId) => created.has(userId),
    requireSame(userId) {
      if (!others.has(userId)) return;
      throw new UnusableRow(`user ${userId} was imported with another openId: the files are of another database`);
    },
  };
}

/** The users whose id was imported with another openid. Throws an Error if they are most of those that were imported before. */
function withOtherOpenid(
  users: readonly CourseUser[],
  imported: ReadonlyMap<number, ImportedUser>,
): ReadonlySet<number> {
  const before = users.filter(({ id }) => typeof imported.get(id)?.openid === "string");
  const others = before.filter(({ id, openid }) => imported.get(id)?.openid !== openid);
  if (others.length * 2 > before.length)
    throw new Error(
      `the files are of another database of the course than those imported before: of ${before.length} users with an id that was ` +
        `imported, ${others.length} have another openId, such as user ${others[0]?.id}. Nothing was imported`,
    );
  return new Set(others.map(({ id }) => id));
}
