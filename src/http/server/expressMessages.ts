import { IncomingMessage, ServerResponse } from "node:http";
import express, { type Express } from "express";
import { newLocals } from "../locals.ts";

/**
 * The request and response classes of `app`, for `createServer`. Express gives each message its methods by changing its
 * prototype (`Object.setPrototypeOf` in application.js), which makes V8 give up optimising the objects, and lets garbage
 * outlive the young generation. Messages created with these classes have the right prototype already: a bare Express then
 * responds to 3 times as many requests (docs/decisions/0026). `app.request` and `app.response` are the documented way of
 * extending messages.
 */
export function messagesOf(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    /** With a fixed shape; Express would create an object without a prototype, which V8 treats as a hash table. */
    readonly locals = newLocals();
  }
  Object.setPrototypeOf(AppRequest.prototype, express.request);
  Object.setPrototypeOf(AppResponse.prototype, express.response);
  app.request = Object.assign(AppRequest.prototype, { app }) as unknown as Express["request"];
  app.response = Object.assign(AppResponse.prototype, { app }) as unknown as Express["response"];
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
