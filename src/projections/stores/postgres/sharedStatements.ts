/** What changes or asks for more rows than this has a statement of its own, on a connection of its own, and holds up nothing small. */
const maxRows = 200;
/** Each shape is prepared once a connection, which takes memory of the server: beyond this many there are no new ones. */
const maxShapes = 200;

/**
 * Runs small questions of one turn of the event loop in one statement: `run` is given questions and resolves with as many answers. `shapeOf`:
 * equal for questions that make the same text. When a shared statement fails, each question is run alone, so that one's failure is no other's.
 */
export function shareStatements<Question, Answer>(options: {
  readonly rowsOf: (question: Question) => number;
  readonly shapeOf: (questions: readonly Question[]) => string;
  readonly run: (questions: readonly Question[]) => Promise<readonly Answer[]>;
}): (question: Question) => Promise<Answer> {
  const { rowsOf, shapeOf, run } = options;
  const shapes = new Set<string>();
  let gathered: Asked<Question, Answer>[] = [];

  const mayShare = (asked: readonly Asked<Question, Answer>[]) => {
    if (asked.length < 2) return false;
    const shape = shapeOf(asked.map(({ question }) => question));
    if (shapes.size < maxShapes) shapes.add(shape);
    return shapes.has(shape);
  };
  const runAlone = ({ question, resolve, reject }: Asked<Question, Answer>) => {
    run([question]).then(([answer]) => resolve(answer as Answer), reject);
  };
  const runGathered = () => {
    const asked = gathered;
    gathered = [];
    const small = asked.filter(({ question }) => rowsOf(question) <= maxRows);
    for (const one of asked) if (!small.includes(one)) runAlone(one);
    if (!mayShare(small)) return small.forEach(runAlone);
    run(small.map(({ question }) => question)).then(
      (answers) => {
        for (const [index, { resolve }] of small.entries()) resolve(answers[index] as Answer);
      },
      () => small.forEach(runAlone),
    );
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
