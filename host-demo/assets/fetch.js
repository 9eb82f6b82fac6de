// Pages of this host as documents.

/**
 * Fetches a page. An XMLHttpRequest parses it into a document that runs no scripts, which no policy
 * against injected markup has to make an exception for.
 *
 * @param {string} address
 * @returns {Promise<Document>}
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
        reject(new Error(`${address} answered ${request.status}`));
      }
    });
    request.addEventListener("error", () => reject(new Error(`${address} did not answer`)));
    request.send();
  });
}
