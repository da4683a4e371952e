/** What changes or asks for more rows than this has a statement of its own, on a connection of its own, and holds up nothing small. */
const maxRows = 200;
/** A statement has so many questions at most: Postgres limits the columns of a result to 1,664, and the text grows with their square. */
const maxQuestions = 12;
/** Each shape is prepared once a connection, which takes memory of the server: beyond this many, others are parsed each time. */
const maxShapes = 200;

/**
 * Runs small questions of one turn of the event loop in one statement: `run` is given questions, in the order of `placeOf`, and resolves with as
 * many answers; it prepares the statement if `mayPrepare`. `shapeOf`: equal for questions that make the same text. When a shared statement
 * fails, each question is run alone, so that one's failure is no other's.
 */
export function shareStatements<Question, Answer>(options: {
  readonly rowsOf: (question: Question) => number;
  readonly placeOf: (question: Question) => string;
  readonly shapeOf: (questions: readonly Question[]) => string;
  readonly run: (questions: readonly Question[], mayPrepare: boolean) => Promise<readonly Answer[]>;
}): (question: Question) => Promise<Answer> {
  const { rowsOf, placeOf, shapeOf, run } = options;
  const shapes = new Set<string>();
  let gathered: Asked<Question, Answer>[] = [];

  const mayPrepare = (questions: readonly Question[]) => {
    const shape = shapeOf(questions);
    if (shapes.size < maxShapes) shapes.add(shape);
    return shapes.has(shape);
  };
  const runAlone = ({ question, resolve, reject }: Asked<Question, Answer>) => {
    run([question], true).then(([answer]) => resolve(answer as Answer), reject);
  };
  const runShared = (asked: readonly Asked<Question, Answer>[]) => {
    const [first, ...others] = asked;
    if (first !== undefined && others.length === 0) return runAlone(first);
    const questions = asked.map(({ question }) => question);
    run(questions, mayPrepare(questions)).then(
      (answers) => {
        for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as Answer);
      },
      () => asked.forEach(runAlone),
    );
  };
  const runGathered = () => {
    const asked = gathered;
    gathered = [];
    const small: Asked<Question, Answer>[] = [];
    for (const one of asked) rowsOf(one.question) > maxRows ? runAlone(one) : small.push(one);
    small.sort((a, b) => (placeOf(a.question) < placeOf(b.question) ? -1 : 1));
    for (let first = 0; first < small.length; first += maxQuestions)
      runShared(small.slice(first, first + maxQuestions));
  };

  return (question) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) setImmediate(runGathered);
      gathered.push({ question, resolve, reject });
    });
}

type Asked<Question, Answer> = {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};
