import { IncomingMessage, ServerResponse } from "node:http";
import express, { type Express } from "express";
import { newLocals } from "./locals.ts";

/**
 * The classes of which Node makes the requests and responses of `app`, for `createServer`. Express gives each message its
 * methods by changing its prototype (`Object.setPrototypeOf` in application.js), and V8 pays for that: objects it cannot
 * optimise, and garbage that outlives the quick collections. Messages that are born with those methods have nothing to
 * change: a bare Express then answers 3 times as often (docs/decisions/0026). `app.request` and `app.response` are
 * what Express documents for extending messages.
 */
export function messagesOf(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    /** Of a known shape; express would make an object without one, which V8 reads as a hash table. */
    readonly locals = newLocals();
  }
  Object.setPrototypeOf(AppRequest.prototype, express.request);
  Object.setPrototypeOf(AppResponse.prototype, express.response);
  app.request = Object.assign(AppRequest.prototype, { app }) as unknown as Express["request"];
  app.response = Object.assign(AppResponse.prototype, { app }) as unknown as Express["response"];
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
