// A client for the host's JSON API.

/**
 * A problem with one field.
 * @typedef {{path: string, message: string}} FieldProblem
 */

/**
 * A change that somebody else made.
 * @typedef {{revision: number, summary: string, at: string, by?: string}} Meanwhile
 */

/** Why a request failed; nothing was changed. */
export class ApiProblem extends Error {
  /**
   * @param {number} status
   * @param {{code?: string, message?: string, remedy?: string, errors?: FieldProblem[], meanwhile?: Meanwhile[]}} problem
   */
  constructor(status, problem) {
    super(problem.message ?? `the host responded with status ${status}`);
    this.status = status;
    this.code = problem.code ?? "";
    this.remedy = problem.remedy ?? "";
    this.errors = problem.errors ?? [];
    this.meanwhile = problem.meanwhile ?? [];
  }

  /** @returns {string} the message and the remedy, as sentences */
  get sentence() {
    const text = this.message.charAt(0).toUpperCase() + this.message.slice(1);
    const end = /[.!?…]$/.test(text) ? "" : ".";
    return [text + end, this.remedy].filter(Boolean).join(" ");
  }
}

/**
 * Sends a request to the host.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [content] sent as JSON
 * @returns {Promise<any>} the JSON of the response; null if it has none
 * @throws {ApiProblem} when the request fails or the host does not respond
 */
export async function api(method, path, content) {
  /** @type {RequestInit} */
  const request = { method, headers: { accept: "application/json" } };
  if (content !== undefined) {
    request.headers = { accept: "application/json", "content-type": "application/json" };
    request.body = JSON.stringify(content);
  }
  let response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new ApiProblem(0, { code: "no_answer", message: "the host is not responding", remedy: "Check your connection and try again." });
  }
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  const body = isJson ? await response.json() : null;
  if (!response.ok) {
    if (response.status === 401) {
      location.assign("/login");
    }
    throw new ApiProblem(response.status, body ?? {});
  }
  return body;
}

/**
 * @param {unknown} error
 * @returns {string} what to show users
 */
export function errorText(error) {
  return error instanceof ApiProblem ? error.sentence : "Something went wrong. Reload the page and try again.";
}
