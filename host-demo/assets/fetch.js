// Fetches pages of this host as documents.

/** A page could not be fetched. */
export class PageError extends Error {
  /**
   * @param {string} address
   * @param {number} status the HTTP status; 0 without a response
   */
  constructor(address, status) {
    super(status === 0 ? `no response for ${address}` : `status ${status} for ${address}`);
    this.status = status;
  }
}

/**
 * Fetches a page. XMLHttpRequest parses it into a document without running scripts, and needs no
 * exception in the content security policy.
 *
 * @param {string} address
 * @returns {Promise<Document>}
 * @throws {PageError} when it cannot be fetched
 */
export function fetchPage(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.addEventListener("load", () => {
      if (request.status === 200 && request.responseXML) {
        resolve(request.responseXML);
      } else {
        reject(new PageError(address, request.status));
      }
    });
    request.addEventListener("error", () => reject(new PageError(address, 0)));
    request.send();
  });
}
