import { coalesce } from "../../../platform/coalesce.ts";
import type { ConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";

/** What changes or asks for more rows than this has a statement of its own, on a connection of its own, and holds up nothing small. */
const maxRows = 200;
/** A statement has so many questions at most: Postgres limits the columns of a result to 1,664, and the text grows with their square. */
const maxQuestions = 12;
/** Each shape is prepared once a connection, which takes memory of the server: beyond this many, others are parsed each time. */
const maxShapes = 200;

/** A statement for some questions. `name` implies its text; `run` sends it, prepared or not, and resolves with as many answers. */
export type Statement<Answer> = {
  readonly name: string;
  readonly run: (mayPrepare: boolean) => Promise<readonly Answer[]>;
};

/**
 * Runs small questions of one turn of the event loop in one statement: `statementOf` is given questions in the order of `orderBy`. When a
 * shared statement fails, each question is run alone, so that one's failure is no other's. Statements of large questions run within `limit`;
 * small ones do not wait for them.
 */
export function coalesceStatements<Question, Answer>(options: {
  readonly rowsOf: (question: Question) => number;
  readonly orderBy: (question: Question) => string;
  readonly statementOf: (questions: readonly Question[]) => Statement<Answer>;
  readonly limit: ConcurrencyLimit;
}): (question: Question) => Promise<Answer> {
  const { rowsOf, orderBy, statementOf, limit } = options;
  const shapes = new Set<string>();

  const mayPrepare = (name: string) => {
    if (shapes.size < maxShapes) shapes.add(name);
    return shapes.has(name);
  };
  const isSmall = (question: Question) => rowsOf(question) <= maxRows;
  const runAlone = async (question: Question) => {
    const run = () => statementOf([question]).run(true);
    return (await (isSmall(question) ? run() : limit(run)))[0] as Answer;
  };
  const runShared = async (questions: readonly Question[]) => {
    const { name, run } = statementOf(questions);
    return run(mayPrepare(name));
  };
  /** How each question gets its answer: none waits for another statement than its own. */
  const ask = coalesce(async (questions: readonly Question[]) => {
    const small = questions.filter(isSmall);
    small.sort((a, b) => (orderBy(a) < orderBy(b) ? -1 : 1));
    const answers = new Map<Question, () => Promise<Answer>>();
    for (let first = 0; first < small.length; first += maxQuestions) {
      const some = small.slice(first, first + maxQuestions);
      if (some.length < 2) continue;
      const shared = runShared(some);
      for (const [index, question] of some.entries())
        answers.set(question, () => shared.then((all) => all[index] as Answer).catch(() => runAlone(question)));
    }
    return questions.map((question) => answers.get(question) ?? (() => runAlone(question)));
  });
  return async (question) => (await ask(question))();
}
