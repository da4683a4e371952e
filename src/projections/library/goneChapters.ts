type Chapter = { readonly no: number; readonly chapter_id: string };

/**
 * A chapter that an edition removed. `before_chapter_id`: the nearest chapter before it that still exists, null if there is
 * none.
 */
type GoneChapter = {
  readonly book_id: string;
  readonly edition: number;
  readonly no: number;
  readonly chapter_id: string;
  readonly before_chapter_id: string | null;
};

/**
 * The chapters that `edition` removes, with the changed or removed numbers at which they were. `before`: the chapters previously at
 * these numbers, in order, followed by the ones before each range; rows beyond the book's number of chapters are leftovers.
 * `after`: the new chapters at these numbers, null where the new edition has ended.
 */
export function goneChapters(
  {
    book,
    edition,
  }: { readonly book: { readonly book_id: string; readonly chapters: number }; readonly edition: number },
  before: readonly (Chapter | undefined)[],
  after: readonly (Chapter | null | undefined)[],
): readonly (GoneChapter | undefined)[] {
  const there = new Set(after.map((chapter) => chapter?.chapter_id));
  const changed = before.slice(0, after.length);
  const standing = before.slice(after.length);
  const remaining = [
    ...changed.filter((chapter) => chapter && chapter.no <= book.chapters && there.has(chapter.chapter_id)),
    ...standing.filter((chapter) => chapter && chapter.no <= book.chapters),
  ]
    .filter((chapter) => chapter !== undefined)
    .sort((one, other) => one.no - other.no);

  let next = 0;
  return changed.map((chapter, index) => {
    if (chapter === undefined || after[index] === undefined) return undefined;
    while (next < remaining.length && (remaining[next] as Chapter).no < chapter.no) next++;
    if (there.has(chapter.chapter_id)) return undefined;
    const { book_id } = book;
    const before_chapter_id = remaining[next - 1]?.chapter_id ?? null;
    return { book_id, edition, no: chapter.no, chapter_id: chapter.chapter_id, before_chapter_id };
  });
}
