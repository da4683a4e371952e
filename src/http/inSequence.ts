import type { NextFunction, Request, RequestHandler, Response } from "express";

/**
 * Steps as one: each goes on to the next, and what one throws or rejects with ends them. A router does the same for 5 µs of CPU a
 * step, of which each is matched with the path first.
 */
export function inSequence(steps: readonly RequestHandler[]): RequestHandler {
  return steps.reduceRight<RequestHandler>(
    (after, step) => (request, response, next) =>
      take(step, request, response, (error?: unknown) => {
        if (error === undefined) after(request, response, next);
        else next(error);
      }),
    (_request, _response, next) => next(),
  );
}

function take(step: RequestHandler, request: Request, response: Response, next: NextFunction): void {
  try {
    const result: unknown = step(request, response, next);
    if (result instanceof Promise) result.catch(next);
  } catch (error) {
    next(error);
  }
}
