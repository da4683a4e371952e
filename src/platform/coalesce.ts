/**
 * Gathers what is asked in one turn of the event loop and asks it together: `ask` is given the questions in order and resolves with as
 * many answers. When it rejects, all who asked are rejected.
 */
export function coalesce<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let gathered: Asked<Question, Answer>[] = [];

  const askAll = async () => {
    const asked = gathered;
    gathered = [];
    try {
      const answers = await ask(asked.map(({ question }) => question));
      if (answers.length !== asked.length) throw new Error(`${asked.length} questions got ${answers.length} answers`);
      for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  return (question) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) setImmediate(askAll);
      gathered.push({ question, resolve, reject });
    });
}

type Asked<Question, Answer> = {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};
