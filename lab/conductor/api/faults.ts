/** An error in the shape of Ironic's API; `fault` is what an agent prints for its operator. */
export class ApiFault extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Ironic wraps the fault as JSON text inside JSON. */
export const faultBody = (status: number, text: string) => ({
  error_message: JSON.stringify({ faultcode: status >= 500 ? 'Server' : 'Client', faultstring: text, debuginfo: null }),
});

/** Not found on purpose says nothing about the reason: a stranger must not learn which nodes exist. */
export const notFound = () => new ApiFault(404, 'Resource could not be found.');
export const nodeLocked = (uuid: string) =>
  new ApiFault(409, `Node ${uuid} is locked by host lab, please retry after the current operation is completed.`);
export const invalid = (text: string) => new ApiFault(400, text);
