// Pages of this host as documents.

/** A page that did not come. */
export class NoPage extends Error {
  /**
   * @param {string} address
   * @param {number} status what it was answered with; 0 for no answer
   */
  constructor(address, status) {
    super(status === 0 ? `${address} did not answer` : `${address} answered ${status}`);
    this.status = status;
  }
}

/**
 * Fetches a page. An XMLHttpRequest parses it into a document that runs no scripts, which no policy
 * against injected markup has to make an exception for.
 *
 * @param {string} address
 * @returns {Promise<Document>}
 * @throws {NoPage} when it does not come
 */
export function page(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.addEventListener("load", () => {
      if (request.status === 200 && request.responseXML) {
        resolve(request.responseXML);
      } else {
        reject(new NoPage(address, request.status));
      }
    });
    request.addEventListener("error", () => reject(new NoPage(address, 0)));
    request.send();
  });
}
