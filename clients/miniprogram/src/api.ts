// Generated from the OpenAPI document by `npm run client:types`. Do not edit.

/* eslint-disable */

/**
 * Every operation of the API: what it takes and what it answers.
 */
export interface Operations {
  /**
   * Clear the history
   */
  "DELETE /v1/history": {
    answer: CommandAnswer;
  };
  /**
   * Remove a book from the history
   */
  "DELETE /v1/history/{bookId}": {
    params: {
      bookId: string;
    };
    answer: CommandAnswer;
  };
  /**
   * Erase the reader permanently
   */
  "DELETE /v1/me": {
    answer: DeleteMeAnswer;
  };
  /**
   * End a login of the reader
   */
  "DELETE /v1/me/logins/{id}": {
    params: {
      id: string;
    };
    answer: DeleteMeLoginsByIdAnswer;
  };
  /**
   * Delete a bookmark
   */
  "DELETE /v1/reading/{bookId}/bookmarks/{bookmarkId}": {
    params: {
      bookId: string;
      bookmarkId: string;
    };
    answer: CommandAnswer;
  };
  /**
   * Clear the search history
   */
  "DELETE /v1/search/history": {
    answer: CommandAnswer;
  };
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
   * Unpin a book
   */
  "DELETE /v1/shelf/{bookId}/pin": {
    params: {
      bookId: string;
    };
    answer: CommandAnswer;
  };
  /**
   * The books of the library, the most recently catalogued first
   */
  "GET /v1/books": {
    query?: {
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
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
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
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
   * Search within a book's text
   */
  "GET /v1/books/{bookId}/search": {
    params: {
      bookId: string;
    };
    query?: {
      q: string;
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetBooksByBookIdSearchAnswer;
  };
  /**
   * Books of the same category, the most read recently first
   */
  "GET /v1/books/{bookId}/similar": {
    params: {
      bookId: string;
    };
    query?: {
      /**
       * 20 by default.
       */
      limit?: number;
    };
    answer: GetBooksByBookIdSimilarAnswer;
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
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetCategoriesByIdBooksAnswer;
  };
  /**
   * The reader's data that changed since a token
   */
  "GET /v1/changes": {
    query?: {
      since?: string;
    };
    answer: GetChangesAnswer;
  };
  /**
   * The books that the reader opened, the most recent first
   */
  "GET /v1/history": {
    query?: {
      q?: string;
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetHistoryAnswer;
  };
  /**
   * The books that are featured in a channel, in the order of the operators
   */
  "GET /v1/library/featured": {
    query?: {
      channel: "male" | "female" | "published";
    };
    answer: GetLibraryFeaturedAnswer;
  };
  /**
   * The reader of the access token
   */
  "GET /v1/me": {
    answer: GetMeAnswer;
  };
  /**
   * The reader's own shelf, places, preferences and settings as they were at a time
   */
  "GET /v1/me/as-of/{time}": {
    params: {
      /**
       * By the event store's clock, inclusive; not in the future.
       */
      time: string;
    };
    answer: ReaderPast;
  };
  /**
   * All data stored about the reader, as JSON
   */
  "GET /v1/me/export": {
    answer: ReaderExport;
  };
  /**
   * The reader's logins, the most recently used first
   */
  "GET /v1/me/logins": {
    answer: GetMeLoginsAnswer;
  };
  /**
   * The reader's preferences
   */
  "GET /v1/preferences": {
    answer: GetPreferencesAnswer;
  };
  /**
   * A ranking of the library's books
   */
  "GET /v1/rankings/{kind}": {
    params: {
      kind: "heat" | "collected" | "new" | "finished";
    };
    query?: {
      channel?: "male" | "female" | "published";
      category?: string;
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetRankingsByKindAnswer;
  };
  /**
   * The books that the reader finished, the latest first
   */
  "GET /v1/reading/finished": {
    query?: {
      /**
       * All years by default.
       */
      year?: string;
      /**
       * An IANA time zone; Asia/Shanghai by default.
       */
      tz?: string;
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetReadingFinishedAnswer;
  };
  /**
   * Reading time by day, by hour of the week, and streaks
   */
  "GET /v1/reading/stats": {
    query?: {
      from?: string;
      to?: string;
      /**
       * An IANA time zone; Asia/Shanghai by default.
       */
      tz?: string;
    };
    answer: GetReadingStatsAnswer;
  };
  /**
   * The reader's bookmarks in a book, in the order of the book
   */
  "GET /v1/reading/{bookId}/bookmarks": {
    params: {
      bookId: string;
    };
    query?: {
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetReadingByBookIdBookmarksAnswer;
  };
  /**
   * The latest place of each device in a book, the latest first
   */
  "GET /v1/reading/{bookId}/positions": {
    params: {
      bookId: string;
    };
    answer: GetReadingByBookIdPositionsAnswer;
  };
  /**
   * Where the reader is in a book
   */
  "GET /v1/reading/{bookId}/progress": {
    params: {
      bookId: string;
    };
    answer: GetReadingByBookIdProgressAnswer;
  };
  /**
   * The rounds in which the reader read a book, the latest first
   */
  "GET /v1/reading/{bookId}/rounds": {
    params: {
      bookId: string;
    };
    answer: GetReadingByBookIdRoundsAnswer;
  };
  /**
   * The books that a search finds: exact, matches and recommended
   */
  "GET /v1/search": {
    query?: {
      q: string;
      category?: string;
      status?: "serialising" | "finished";
      words?: "short" | "medium" | "long";
      channel?: "male" | "female" | "published";
      sort?: "relevance" | "heat" | "updated" | "words" | "collected";
      /**
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
       */
      cursor?: string;
    };
    answer: GetSearchAnswer;
  };
  /**
   * The reader's recent keywords, the most recent first
   */
  "GET /v1/search/history": {
    answer: GetSearchHistoryAnswer;
  };
  /**
   * The most frequent recent searches
   */
  "GET /v1/search/hot": {
    query?: {
      /**
       * 20 by default.
       */
      limit?: number;
    };
    answer: GetSearchHotAnswer;
  };
  /**
   * Suggestions for a search, from the first letter on
   */
  "GET /v1/search/suggest": {
    query?: {
      q: string;
    };
    answer: GetSearchSuggestAnswer;
  };
  /**
   * The reader's settings for the display of pages
   */
  "GET /v1/settings": {
    answer: GetSettingsAnswer;
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
       * 20 by default.
       */
      limit?: number;
      /**
       * The `nextCursor` of the previous page.
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
   * The most recently read book, on the shelf or not, with the place
   */
  "GET /v1/shelf/last-read": {
    answer: GetShelfLastReadAnswer;
  };
  /**
   * The data of the first screen, in one call
   */
  "GET /v1/start": {
    answer: GetStartAnswer;
  };
  /**
   * End a login with all its refresh tokens
   */
  "POST /v1/auth/logout": {
    body: PostAuthLogoutBody;
    answer: PostAuthLogoutAnswer;
  };
  /**
   * End all logins of the reader
   */
  "POST /v1/auth/logout-everywhere": {
    answer: PostAuthLogoutEverywhereAnswer;
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
   * Undo the last removal from the history, or its clearing, within 24 hours
   */
  "POST /v1/history/undo": {
    answer: CommandAnswer;
  };
  /**
   * Report offline reading
   */
  "POST /v1/reading/progress": {
    body: PostReadingProgressBody;
    answer: CommandAnswer;
  };
  /**
   * Start to read a book again
   */
  "POST /v1/reading/{bookId}/rounds": {
    params: {
      bookId: string;
    };
    body?: PostReadingByBookIdRoundsBody;
    answer: CommandAnswer;
  };
  /**
   * Remove a keyword from the search history
   */
  "POST /v1/search/history/remove": {
    body: PostSearchHistoryRemoveBody;
    answer: CommandAnswer;
  };
  /**
   * Take several books off the shelf
   */
  "POST /v1/shelf/remove": {
    body: PostShelfRemoveBody;
    answer: CommandAnswer;
  };
  /**
   * Undo the last removal from the shelf within 24 hours
   */
  "POST /v1/shelf/undo": {
    answer: CommandAnswer;
  };
  /**
   * Add a book that was opened to the history
   */
  "PUT /v1/history/{bookId}": {
    params: {
      bookId: string;
    };
    answer: CommandAnswer;
  };
  /**
   * Set the profile from wx.getUserProfile
   */
  "PUT /v1/me/profile": {
    body: PutMeProfileBody;
    answer: CommandAnswer;
  };
  /**
   * Change the preferences
   */
  "PUT /v1/preferences": {
    body?: PutPreferencesBody;
    answer: CommandAnswer;
  };
  /**
   * Set a bookmark, or change its place and note
   */
  "PUT /v1/reading/{bookId}/bookmarks/{bookmarkId}": {
    params: {
      bookId: string;
      bookmarkId: string;
    };
    body: PutReadingByBookIdBookmarksByBookmarkIdBody;
    answer: CommandAnswer;
  };
  /**
   * Mark a book as finished
   */
  "PUT /v1/reading/{bookId}/finished": {
    params: {
      bookId: string;
    };
    body?: PutReadingByBookIdFinishedBody;
    answer: CommandAnswer;
  };
  /**
   * Report a place in a book and the reading time
   */
  "PUT /v1/reading/{bookId}/progress": {
    params: {
      bookId: string;
    };
    body: PutReadingByBookIdProgressBody;
    answer: CommandAnswer;
  };
  /**
   * Change the settings for the display of pages
   */
  "PUT /v1/settings": {
    body?: PutSettingsBody;
    answer: CommandAnswer;
  };
  /**
   * Set the order of the groups
   */
  "PUT /v1/shelf/groups/order": {
    body: PutShelfGroupsOrderBody;
    answer: CommandAnswer;
  };
  /**
   * Create a group, or rename it
   */
  "PUT /v1/shelf/groups/{group}": {
    params: {
      group: string;
    };
    body: PutShelfGroupsByGroupBody;
    answer: CommandAnswer;
  };
  /**
   * Set the manual order of the books
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
 * The response to every command.
 *
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "CommandAnswer".
 */
export interface CommandAnswer {
  /**
   * The log position of the last event, written now or before.
   */
  position: string | null;
  /**
   * The revision of that event in its stream.
   */
  revision: number | null;
  /**
   * The types written; empty if nothing had to change.
   */
  events: string[];
  /**
   * For progress: the ids of entries whose readAt was corrected by more than five seconds, because their device's clock was ahead.
   */
  adjusted?: string[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "DeleteMeAnswer".
 */
export interface DeleteMeAnswer {
  /**
   * `erased` once all data is deleted.
   */
  state: "erasing" | "erased";
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "DeleteMeLoginsByIdAnswer".
 */
export interface DeleteMeLoginsByIdAnswer {
  /**
   * Whether the request's access token belongs to it.
   */
  current: boolean;
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
 * via the `definition` "GetBooksByBookIdSearchAnswer".
 */
export interface GetBooksByBookIdSearchAnswer {
  items: {
    chapterId: string;
    no: number;
    title: string;
    offset: number;
    length: number;
    snippet: string;
    snippetOffset: number;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetBooksByBookIdSimilarAnswer".
 */
export interface GetBooksByBookIdSimilarAnswer {
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
 * via the `definition` "GetChangesAnswer".
 */
export interface GetChangesAnswer {
  items: {
    kind: "book" | "group" | "place" | "history" | "preferences" | "settings";
    key: string;
    value: {
      [k: string]: unknown;
    } | null;
  }[];
  token: string;
  more: boolean;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetHistoryAnswer".
 */
export interface GetHistoryAnswer {
  items: {
    bookId: string;
    title: string | null;
    author: string | null;
    coverUrl: string | null;
    status: string | null;
    chapters: number | null;
    withdrawn: boolean;
    openedAt: string;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetLibraryFeaturedAnswer".
 */
export interface GetLibraryFeaturedAnswer {
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
 * via the `definition` "GetMeAnswer".
 */
export interface GetMeAnswer {
  id: string;
  roles: string[];
  registeredAt: string;
  /**
   * Null until the reader has set one.
   */
  profile: {
    nickname: string;
    avatarUrl: string | null;
    gender: ("male" | "female") | null;
    updatedAt: string;
  } | null;
}
/**
 * Shelf in the manual order, places with the most recently read first.
 *
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "ReaderPast".
 */
export interface ReaderPast {
  readerId: string;
  asOf: string;
  /**
   * When the reader's first event was recorded.
   */
  since: string;
  shelf: {
    books: {
      bookId: string;
      /**
       * The current title; null if the library does not know the book.
       */
      title: string | null;
      addedAt: string;
      pinned: boolean;
      groupId: string | null;
    }[];
    groups: {
      groupId: string;
      name: string;
    }[];
  };
  places: {
    bookId: string;
    /**
     * The current title; null if the library does not know the book.
     */
    title: string | null;
    chapterId: string;
    chapterNo: number;
    offset: number;
    deviceId: string;
    readAt: string;
  }[];
  preferences: {
    channel: ("male" | "female" | "published") | null;
    /**
     * @maxItems 50
     */
    categoryIds: string[];
    progressPolicy: "latest" | "furthest" | "ask";
    /**
     * Null as long as the defaults apply.
     */
    changedAt: string | null;
  };
  settings: {
    brightness: number;
    fontSize: number;
    background: "B1" | "B2" | "B3" | "B4" | "B5" | "B6";
    pageTurn: "T1" | "T2" | "T3";
    lineSpacing: number;
    /**
     * Null as long as the defaults apply.
     */
    changedAt: string | null;
  };
}
/**
 * All data stored about a reader; positions and revisions are text.
 *
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "ReaderExport".
 */
export interface ReaderExport {
  /**
   * Account, profile, logins (also ended ones), uploads, replays, the pseudonym, and the copies of events that contain the reader.
   */
  reader: {
    [k: string]: unknown;
  };
  /**
   * The events of each stream, as stored and in order.
   */
  streams: {
    [k: string]: {
      [k: string]: unknown;
    }[];
  };
  /**
   * The reader's rows, by read model and table.
   */
  readModels: {
    [k: string]: {
      [k: string]: {
        [k: string]: unknown;
      }[];
    };
  };
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetMeLoginsAnswer".
 */
export interface GetMeLoginsAnswer {
  items: {
    id: string;
    /**
     * The User-Agent of the login or the last refresh.
     */
    userAgent: string | null;
    createdAt: string;
    /**
     * The time of the login or the last refresh.
     */
    usedAt: string;
    expiresAt: string;
    /**
     * Whether the request's access token belongs to it.
     */
    current: boolean;
  }[];
  nextCursor: null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetPreferencesAnswer".
 */
export interface GetPreferencesAnswer {
  channel: ("male" | "female" | "published") | null;
  /**
   * @maxItems 50
   */
  categoryIds: string[];
  progressPolicy: "latest" | "furthest" | "ask";
  /**
   * Null as long as the defaults apply.
   */
  changedAt: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetRankingsByKindAnswer".
 */
export interface GetRankingsByKindAnswer {
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
 * via the `definition` "GetReadingFinishedAnswer".
 */
export interface GetReadingFinishedAnswer {
  items: {
    bookId: string;
    title: string | null;
    author: string | null;
    coverUrl: string | null;
    round: number;
    beganAt: string | null;
    finishedAt: string;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetReadingStatsAnswer".
 */
export interface GetReadingStatsAnswer {
  from: string;
  to: string;
  tz: string;
  seconds: number;
  days: {
    date: string;
    seconds: number;
  }[];
  streak: {
    now: number;
    longest: number;
  };
  /**
   * @minItems 7
   * @maxItems 7
   */
  week: number[][];
  chaptersFinished: number;
  booksFinished: number;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetReadingByBookIdBookmarksAnswer".
 */
export interface GetReadingByBookIdBookmarksAnswer {
  items: {
    bookmarkId: string;
    chapterId: string;
    no: number;
    title: string | null;
    offset: number;
    note: string;
    setAt: string;
    changedAt: string;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetReadingByBookIdPositionsAnswer".
 */
export interface GetReadingByBookIdPositionsAnswer {
  items: ReportedPlace[];
  nextCursor: string | null;
}
/**
 * A place in the published edition: `offset` in UTF-16 units of the chapter, `percentage` of the book, also in UTF-16 units.
 *
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "ReportedPlace".
 */
export interface ReportedPlace {
  chapterId: string;
  no: number;
  title: string | null;
  offset: number;
  percentage: number | null;
  deviceId: string;
  readAt: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetReadingByBookIdProgressAnswer".
 */
export interface GetReadingByBookIdProgressAnswer {
  latest: ReportedPlace | null;
  furthest: ReportedPlace | null;
  resume: ReportedPlace | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetReadingByBookIdRoundsAnswer".
 */
export interface GetReadingByBookIdRoundsAnswer {
  items: {
    round: number;
    beganAt: string | null;
    finishedAt: string | null;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetSearchAnswer".
 */
export interface GetSearchAnswer {
  total: number;
  exact: {
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
    highlights: {
      title?: {
        text: string;
        marks: number[][];
      };
      author?: {
        text: string;
        marks: number[][];
      };
      intro?: {
        text: string;
        marks: number[][];
      };
    };
  }[];
  matches: {
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
    highlights: {
      title?: {
        text: string;
        marks: number[][];
      };
      author?: {
        text: string;
        marks: number[][];
      };
      intro?: {
        text: string;
        marks: number[][];
      };
    };
  }[];
  recommended: {
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
    highlights: {
      title?: {
        text: string;
        marks: number[][];
      };
      author?: {
        text: string;
        marks: number[][];
      };
      intro?: {
        text: string;
        marks: number[][];
      };
    };
  }[];
  facets: {
    categories: {
      value: string;
      books: number;
    }[];
    statuses: {
      value: string;
      books: number;
    }[];
    channels: {
      value: string;
      books: number;
    }[];
    words: {
      value: string;
      books: number;
    }[];
  } | null;
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetSearchHistoryAnswer".
 */
export interface GetSearchHistoryAnswer {
  items: {
    keyword: string;
    searchedAt: string;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetSearchHotAnswer".
 */
export interface GetSearchHotAnswer {
  items: {
    keyword: string;
    heat: number;
  }[];
  nextCursor: string | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetSearchSuggestAnswer".
 */
export interface GetSearchSuggestAnswer {
  items: {
    bookId: string;
    title: string;
    author: string;
    matched: "title" | "author" | "pinyin" | "authorPinyin";
    marks: number[][];
  }[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetSettingsAnswer".
 */
export interface GetSettingsAnswer {
  brightness: number;
  fontSize: number;
  background: "B1" | "B2" | "B3" | "B4" | "B5" | "B6";
  pageTurn: "T1" | "T2" | "T3";
  lineSpacing: number;
  /**
   * Null as long as the defaults apply.
   */
  changedAt: string | null;
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
    lastReadAt: string | null;
    unreadChapters: number | null;
    hasNewChapters: boolean;
  }[];
  nextCursor: string | null;
  recommended?: {
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
  item: {
    bookId: string;
    title: string | null;
    author: string | null;
    coverUrl: string | null;
    withdrawn: boolean;
    onShelf: boolean;
    place: ReportedPlace;
  } | null;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "GetStartAnswer".
 */
export interface GetStartAnswer {
  reader: {
    id: string;
    roles: string[];
    registeredAt: string;
    /**
     * Null until the reader has set one.
     */
    profile: {
      nickname: string;
      avatarUrl: string | null;
      gender: ("male" | "female") | null;
      updatedAt: string;
    } | null;
  };
  settings: {
    brightness: number;
    fontSize: number;
    background: "B1" | "B2" | "B3" | "B4" | "B5" | "B6";
    pageTurn: "T1" | "T2" | "T3";
    lineSpacing: number;
    /**
     * Null as long as the defaults apply.
     */
    changedAt: string | null;
  };
  preferences: {
    channel: ("male" | "female" | "published") | null;
    /**
     * @maxItems 50
     */
    categoryIds: string[];
    progressPolicy: "latest" | "furthest" | "ask";
    /**
     * Null as long as the defaults apply.
     */
    changedAt: string | null;
  };
  shelf: {
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
      lastReadAt: string | null;
      unreadChapters: number | null;
      hasNewChapters: boolean;
    }[];
    nextCursor: string | null;
    recommended?: {
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
  };
  lastRead: {
    bookId: string;
    title: string | null;
    author: string | null;
    coverUrl: string | null;
    withdrawn: boolean;
    onShelf: boolean;
    place: ReportedPlace;
  } | null;
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
 * via the `definition` "PostAuthLogoutEverywhereAnswer".
 */
export interface PostAuthLogoutEverywhereAnswer {
  ended: number;
}
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
 * via the `definition` "PostReadingProgressBody".
 */
export interface PostReadingProgressBody {
  /**
   * @minItems 1
   * @maxItems 100
   */
  entries: {
    bookId: string;
    entryId: string;
    chapterId: string;
    offset: number;
    readAt: string;
    activeSeconds: number;
    deviceId: string;
  }[];
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostReadingByBookIdRoundsBody".
 */
export interface PostReadingByBookIdRoundsBody {
  readAt?: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PostSearchHistoryRemoveBody".
 */
export interface PostSearchHistoryRemoveBody {
  keyword: string;
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
 * via the `definition` "PutPreferencesBody".
 */
export interface PutPreferencesBody {
  channel?: ("male" | "female" | "published") | null;
  /**
   * @maxItems 50
   */
  categoryIds?: string[];
  progressPolicy?: "latest" | "furthest" | "ask";
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutReadingByBookIdBookmarksByBookmarkIdBody".
 */
export interface PutReadingByBookIdBookmarksByBookmarkIdBody {
  chapterId: string;
  offset: number;
  note?: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutReadingByBookIdFinishedBody".
 */
export interface PutReadingByBookIdFinishedBody {
  readAt?: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutReadingByBookIdProgressBody".
 */
export interface PutReadingByBookIdProgressBody {
  entryId: string;
  chapterId: string;
  offset: number;
  readAt: string;
  activeSeconds: number;
  deviceId: string;
}
/**
 * This interface was referenced by `Operations`'s JSON-Schema
 * via the `definition` "PutSettingsBody".
 */
export interface PutSettingsBody {
  brightness?: number;
  fontSize?: number;
  background?: "B1" | "B2" | "B3" | "B4" | "B5" | "B6";
  pageTurn?: "T1" | "T2" | "T3";
  lineSpacing?: number;
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
   * Stable: clients decide by it.
   */
  code:
    | "invalid_request"
    | "malformed_http"
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
    | "login_not_found"
    | "book_not_found"
    | "category_not_found"
    | "import_not_found"
    | "chapter_not_found"
    | "reader_not_found"
    | "replay_not_found"
    | "no_past_yet"
    | "read_model_not_found"
    | "parked_event_not_found"
    | "method_not_allowed"
    | "request_timeout"
    | "parked_event_not_refused"
    | "rebuild_under_way"
    | "too_many_replays"
    | "replay_not_done"
    | "session_key_missing"
    | "replay_expired"
    | "book_withdrawn"
    | "analytics_cursor_lost"
    | "search_cursor_lost"
    | "reader_erased"
    | "erased"
    | "body_too_large"
    | "command_too_large"
    | "unsupported_media_type"
    | "profile_undecryptable"
    | "profile_signature_invalid"
    | "profile_of_another_app"
    | "profile_nickname_blank"
    | "idempotency_key_reused"
    | "headers_too_large"
    | "too_many_requests"
    | "wechat_rate_limited"
    | "event_unreadable"
    | "internal_error"
    | "wechat_failed"
    | "wechat_misconfigured"
    | "wechat_busy"
    | "wechat_unreachable"
    | "outcome_unknown"
    | "stream_busy"
    | "analytics_not_ready"
    | "exports_not_set_up"
    | "read_model_not_live"
    | "search_unavailable"
    | "server_busy"
    | "dependency_unavailable"
    | "shelf_full"
    | "book_not_on_shelf"
    | "group_not_found"
    | "group_name_taken"
    | "nothing_to_undo"
    | "undo_too_late"
    | "removal_not_undoable"
    | "too_many_groups"
    | "too_many_rounds"
    | "too_many_bookmarks"
    | "bookmark_of_another_book"
    | "book_not_catalogued"
    | "book_differs"
    | "too_many_blocked";
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
  "GET /v1/books/{bookId}/search",
  "GET /v1/books/{bookId}/similar",
  "GET /v1/categories",
  "GET /v1/categories/{id}/books",
  "GET /v1/library/featured",
  "GET /v1/rankings/{kind}",
  "GET /v1/search",
  "GET /v1/search/hot",
  "GET /v1/search/suggest",
  "POST /v1/auth/logout",
  "POST /v1/auth/refresh",
  "POST /v1/auth/wechat",
];

/** Those that take one all the same: a search is kept in the reader's history then. */
export const personalOperations: readonly (keyof Operations)[] = [
  "GET /v1/search",
];
