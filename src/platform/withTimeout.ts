/**
 * The result of `work`; rejects, with the error that `late` makes, if it takes longer than `ms` milliseconds. The work itself is not stopped;
 * what becomes of it then is dropped.
 */
export async function withTimeout<Result>(
  work: Promise<Result>,
  ms: number,
  late = () => new Error(`no answer in ${ms} ms`),
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, isOver]);
  } finally {
    clearTimeout(timer);
  }
}
