// Talks to the API of this host: JSON there and back, and what was refused as an error.

/**
 * What is wrong with one field.
 * @typedef {{path: string, message: string}} FieldProblem
 */

/**
 * What somebody else changed.
 * @typedef {{revision: number, summary: string, at: string, by?: string}} Meanwhile
 */

/** Why the host did not do something; nothing was changed then. */
export class ApiProblem extends Error {
  /**
   * @param {number} status
   * @param {{code?: string, message?: string, remedy?: string, errors?: FieldProblem[], meanwhile?: Meanwhile[]}} said
   */
  constructor(status, said) {
    super(said.message ?? `the host answered ${status}`);
    this.status = status;
    this.code = said.code ?? "";
    this.remedy = said.remedy ?? "";
    this.errors = said.errors ?? [];
    this.meanwhile = said.meanwhile ?? [];
  }

  /** @returns {string} what is wrong, and what to do about it */
  get sentence() {
    const text = this.message.charAt(0).toUpperCase() + this.message.slice(1);
    const end = /[.!?…]$/.test(text) ? "" : ".";
    return [text + end, this.remedy].filter(Boolean).join(" ");
  }
}

/**
 * Asks the host.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<any>} the JSON of the answer; null if it has none
 * @throws {ApiProblem} when the host refuses, or does not answer
 */
export async function api(method, path, body) {
  /** @type {RequestInit} */
  const request = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    request.headers = { accept: "application/json", "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new ApiProblem(0, { code: "no_answer", message: "the host does not answer", remedy: "Try again." });
  }
  const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
  const said = isJson ? await answer.json() : null;
  if (!answer.ok) {
    if (answer.status === 401) {
      location.assign("/login");
    }
    throw new ApiProblem(answer.status, said ?? {});
  }
  return said;
}

/**
 * @param {unknown} error
 * @returns {string} what to tell a person of it
 */
export function told(error) {
  return error instanceof ApiProblem ? error.sentence : "The page failed; reload it and try again.";
}
