// Generated from the OpenAPI document by `npm run client:types`. Do not edit.

/* eslint-disable */

/**
 * Every operation of the API: what it takes and what it answers.
 */
export interface Operations {
  /**
   * Delete a group; its books stay on the shelf
   */
  "DELETE /v1/shelf/groups/{group}": {
    params: {
      group: string;
    };
    answer: CommandAnswer;
  };
  /**
   * Take a book off the shelf
   */
  "DELETE /v1/shelf/{bookId}": {
    params: {
      bookId: string;
    };
    answer: CommandAnswer;
  };
  /**
   * Take the pin off a book
   */
  "DELETE /v1/shelf/{bookId}/pin": {
    params: {
      bookId: string;
    };
    answer: CommandAnswer;
  };
  /**
   * The books of the library, the last catalogued first
   */
  "GET /v1/books": {
    query?: {
      /**
       * 20 unless given.
       */
      limit?: number;
      /**
       * The `nextCursor` of the page before.
       */
      cursor?: string;
    };
    answer: GetBooksAnswer;
  };
  /**
   * A book, also a withdrawn one
   */
  "GET /v1/books/{bookId}": {
    params: {
      bookId: string;
    };
    answer: GetBooksByBookIdAnswer;
  };
  /**
   * The catalogue of a book
   */
  "GET /v1/books/{bookId}/chapters": {
    params: {
      bookId: string;
    };
    query?: {
      order?: "asc" | "desc";
      /**
       * 20 unless given.
       */
      limit?: number;
      /**
       * The `nextCursor` of the page before.
       */
      cursor?: string;
    };
    answer: GetBooksByBookIdChaptersAnswer;
  };
  /**
   * A chapter with its text, by id or by number (no:17)
   */
  "GET /v1/books/{bookId}/chapters/{chapter}": {
    params: {
      bookId: string;
      chapter: string;
    };
    answer: GetBooksByBookIdChaptersByChapterAnswer;
  };
  /**
   * The categories, by channel, with their sub-categories
   */
  "GET /v1/categories": {
    query?: {
      channel?: "male" | "female" | "published";
    };
    answer: GetCategoriesAnswer;
  };
  /**
   * The books of a category or sub-category
   */
  "GET /v1/categories/{id}/books": {
    params: {
      id: string;
    };
    query?: {
      words?: "short" | "medium" | "long";
      status?: "serialising" | "finished";
      order?: "updated" | "collected" | "heat";
      /**
       * 20 unless given.
       */
      limit?: number;
      /**
       * The `nextCursor` of the page before.
       */
      cursor?: string;
    };
    answer: GetCategoriesByIdBooksAnswer;
  };
  /**
   * Who one is
   */
  "GET /v1/me": {
    answer: GetMeAnswer;
  };
  /**
   * The books on the shelf, pinned ones first
   */
  "GET /v1/shelf": {
    query?: {
      sort?: "added" | "title" | "manual" | "recent";
      group?: "none" | string;
      q?: string;
      /**
       * 20 unless given.
       */
      limit?: number;
      /**
       * The `nextCursor` of the page before.
       */
      cursor?: string;
    };
    answer: GetShelfAnswer;
  };
  /**
   * The groups of the shelf in their order, with the number of books in each
   */
  "GET /v1/shelf/groups": {
    answer: GetShelfGroupsAnswer;
  };
  /**
   * The book that was read last
   */
  "GET /v1/shelf/last-read": {
    answer: GetShelfLastReadAnswer;
  };
  /**
   * End a login with all its refresh tokens
   */
  "POST /v1/auth/logout": {
    body: PostAuthLogoutBody;
    answer: PostAuthLogoutAnswer;
  };
  /**
   * Exchange a refresh token for the next one and an access token
   */
  "POST /v1/auth/refresh": {
    body: PostAuthRefreshBody;
    answer: PostAuthRefreshAnswer;
  };
  /**
   * Log in with a one-use code of wx.login
   */
  "POST /v1/auth/wechat": {
    body: PostAuthWechatBody;
    answer: PostAuthWechatAnswer;
  };
  /**
   * Take many books off the shelf at once
   */
  "POST /v1/shelf/remove": {
    body: PostShelfRemoveBody;
    answer: CommandAnswer;
  };
  /**
   * Take over the profile that wx.getUserProfile gave
   */
  "PUT /v1/me/profile": {
    body: PutMeProfileBody;
    answer: CommandAnswer;
  };
  /**
   * Put the groups into an order
   */
  "PUT /v1/shelf/groups/order": {
    body: PutShelfGroupsOrderBody;
    answer: CommandAnswer;
  };
  /**
   * Make a group, or rename it
   */
  "PUT /v1/shelf/groups/{group}": {
    params: {
      group: string;
    };
    body: PutShelfGroupsByGroupBody;
    answer: CommandAnswer;
  };
  /**
   * Put the books into an order of the reader's own
   */
  "PUT /v1/shelf/order": {
    body: PutShelfOrderBody;
    answer: CommandAnswer;
  };
  /**
   * Put a book on the shelf
   */
  "PUT /v1/shelf/{bookId}": {
    params: {
      bookId: string;
    };
    body?: PutShelfByBookIdBody;
    answer: CommandAnswer;
  };
  /**
   * Move a book to a group, or out of its group
   */
  "PUT /v1/shelf/{bookId}/group": {
    params: {
      bookId: string;
    };
    body: PutShelfByBookIdGroupBody;
    answer: CommandAnswer;
  };
  /**
   * Pin a book to the top of the shelf
   */
  "PUT /v1/shelf/{bookId}/pin": {
    params: {
      bookId: string;
    };
    answer: CommandAnswer;
  };
}
/**
 * What every command answers.
 *
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "CommandAnswer".
 */
export interface CommandAnswer {
  /**
   * The place in the event log of the last event, written now or before.
   */
  position: string | null;
  /**
   * The place in the stream of the same event.
   */
  revision: number | null;
  /**
   * The types written; none when nothing had to change.
   */
  events: string[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetBooksAnswer".
 */
export interface GetBooksAnswer {
  items: {
    bookId: string;
    title: string;
    author: string;
    coverUrl: string | null;
    channel: "male" | "female" | "published";
    category: string;
    categoryId: string;
    subCategory: string | null;
    status: "serialising" | "finished";
    chapters: number;
    words: number | null;
    edition: number | null;
    cataloguedAt: string;
    updatedAt: string;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetBooksByBookIdAnswer".
 */
export interface GetBooksByBookIdAnswer {
  bookId: string;
  title: string;
  author: string;
  coverUrl: string | null;
  channel: "male" | "female" | "published";
  category: string;
  categoryId: string;
  subCategory: string | null;
  status: "serialising" | "finished";
  chapters: number;
  words: number | null;
  edition: number | null;
  cataloguedAt: string;
  updatedAt: string;
  intro: string;
  subCategoryId: string | null;
  publishedAt: string | null;
  withdrawn: boolean;
  latestChapter: {
    chapterId: string;
    no: number;
    title: string;
  } | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetBooksByBookIdChaptersAnswer".
 */
export interface GetBooksByBookIdChaptersAnswer {
  items: {
    chapterId: string;
    no: number;
    title: string;
    volume: string | null;
    kind: "preface" | "chapter" | "afterword";
    words: number;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetBooksByBookIdChaptersByChapterAnswer".
 */
export interface GetBooksByBookIdChaptersByChapterAnswer {
  bookId: string;
  chapterId: string;
  no: number;
  title: string;
  volume: string | null;
  kind: "preface" | "chapter" | "afterword";
  words: number;
  length: number;
  text: string;
  textUrl: string;
  previous: {
    chapterId: string;
    no: number;
    title: string;
  } | null;
  next: {
    chapterId: string;
    no: number;
    title: string;
  } | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetCategoriesAnswer".
 */
export interface GetCategoriesAnswer {
  items: {
    channel: "male" | "female" | "published";
    id: string;
    name: string;
    books: number;
    subCategories: {
      id: string;
      name: string;
      books: number;
    }[];
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetCategoriesByIdBooksAnswer".
 */
export interface GetCategoriesByIdBooksAnswer {
  items: {
    bookId: string;
    title: string;
    author: string;
    coverUrl: string | null;
    channel: "male" | "female" | "published";
    category: string;
    categoryId: string;
    subCategory: string | null;
    status: "serialising" | "finished";
    chapters: number;
    words: number | null;
    edition: number | null;
    cataloguedAt: string;
    updatedAt: string;
    shelves: number;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetMeAnswer".
 */
export interface GetMeAnswer {
  id: string;
  roles: string[];
  registeredAt: string;
  /**
   * Null until the reader has sent one.
   */
  profile: {
    nickname: string;
    avatarUrl: string | null;
    gender: ("male" | "female") | null;
    updatedAt: string;
  } | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetShelfAnswer".
 */
export interface GetShelfAnswer {
  items: {
    bookId: string;
    title: string | null;
    author: string | null;
    coverUrl: string | null;
    status: string | null;
    chapters: number | null;
    withdrawn: boolean;
    addedAt: string;
    pinned: boolean;
    group: {
      id: string;
      name: string;
    } | null;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetShelfGroupsAnswer".
 */
export interface GetShelfGroupsAnswer {
  items: {
    id: string;
    name: string;
    books: number;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetShelfLastReadAnswer".
 */
export interface GetShelfLastReadAnswer {
  item: null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostAuthLogoutBody".
 */
export interface PostAuthLogoutBody {
  refreshToken: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostAuthLogoutAnswer".
 */
export interface PostAuthLogoutAnswer {}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostAuthRefreshBody".
 */
export interface PostAuthRefreshBody {
  refreshToken: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostAuthRefreshAnswer".
 */
export interface PostAuthRefreshAnswer {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostAuthWechatBody".
 */
export interface PostAuthWechatBody {
  code: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostAuthWechatAnswer".
 */
export interface PostAuthWechatAnswer {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  reader: {
    id: string;
    isNew: boolean;
  };
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostShelfRemoveBody".
 */
export interface PostShelfRemoveBody {
  /**
   * @maxItems 100
   */
  bookIds: string[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutMeProfileBody".
 */
export interface PutMeProfileBody {
  encryptedData: string;
  iv: string;
  rawData?: string;
  signature?: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutShelfGroupsOrderBody".
 */
export interface PutShelfGroupsOrderBody {
  /**
   * @maxItems 100
   */
  groups: string[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutShelfGroupsByGroupBody".
 */
export interface PutShelfGroupsByGroupBody {
  name: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutShelfOrderBody".
 */
export interface PutShelfOrderBody {
  /**
   * @maxItems 2000
   */
  bookIds: string[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutShelfByBookIdBody".
 */
export interface PutShelfByBookIdBody {
  group?: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutShelfByBookIdGroupBody".
 */
export interface PutShelfByBookIdGroupBody {
  group: string | null;
}
/**
 * Problem details, RFC 9457.
 *
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "Problem".
 */
export interface Problem {
  /**
   * urn:heima-literature:problem: and the code.
   */
  type: string;
  title: string;
  status: number;
  detail: string;
  /**
   * Stable: decide by it.
   */
  code:
    | "invalid_request"
    | "sort_not_available"
    | "malformed_json"
    | "malformed_url"
    | "token_missing"
    | "token_invalid"
    | "token_expired"
    | "refresh_token_invalid"
    | "refresh_token_expired"
    | "refresh_token_revoked"
    | "refresh_token_reused"
    | "wechat_code_invalid"
    | "wechat_code_used"
    | "forbidden"
    | "wechat_blocked"
    | "not_found"
    | "book_not_found"
    | "category_not_found"
    | "import_not_found"
    | "chapter_not_found"
    | "read_model_not_found"
    | "parked_event_not_found"
    | "method_not_allowed"
    | "parked_event_not_refused"
    | "rebuild_under_way"
    | "session_key_missing"
    | "book_withdrawn"
    | "erased"
    | "body_too_large"
    | "command_too_large"
    | "unsupported_media_type"
    | "profile_undecryptable"
    | "profile_signature_invalid"
    | "profile_of_another_app"
    | "profile_nickname_blank"
    | "idempotency_key_reused"
    | "too_many_requests"
    | "wechat_rate_limited"
    | "internal_error"
    | "wechat_failed"
    | "wechat_misconfigured"
    | "wechat_busy"
    | "wechat_unreachable"
    | "outcome_unknown"
    | "stream_busy"
    | "read_model_not_live"
    | "dependency_unavailable"
    | "shelf_full"
    | "book_not_on_shelf"
    | "group_not_found"
    | "group_name_taken"
    | "too_many_groups"
    | "book_not_catalogued"
    | "book_differs";
  /**
   * urn:heima-literature:request: and the X-Request-Id.
   */
  instance: string;
  /**
   * With invalid_request: the bad fields, 10 at most.
   */
  errors?: {
    path: string;
    message: string;
  }[];
}

/** The operations that need no access token. */
export const openOperations: readonly (keyof Operations)[] = [
  "GET /v1/books",
  "GET /v1/books/{bookId}",
  "GET /v1/books/{bookId}/chapters",
  "GET /v1/books/{bookId}/chapters/{chapter}",
  "GET /v1/categories",
  "GET /v1/categories/{id}/books",
  "POST /v1/auth/logout",
  "POST /v1/auth/refresh",
  "POST /v1/auth/wechat",
];
