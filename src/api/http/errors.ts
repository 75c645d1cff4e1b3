import { defineError } from '../../core/index.ts';

export const BadRequest = defineError('BadRequest', {
  status: 400,
  message: '400 Bad Request',
  doc: 'The request body is not the JSON object that the API expects; nothing was started.',
});
export const PathNotFound = defineError('PathNotFound', {
  status: 404,
  message: '404 Not Found',
  doc: 'The agent API has no such path; mind the slash at the end of `/v1/commands/`.',
});
export const MethodNotAllowed = defineError('MethodNotAllowed', {
  status: 405,
  message: '405 Method Not Allowed',
  doc: 'The path exists, but not for this method; the Allow header names those that do.',
});
export const BodyTooLarge = defineError('BodyTooLarge', {
  status: 413,
  message: '413 Request Entity Too Large',
  doc: 'The request body is larger than a deployment with the largest config drive needs; nothing was started.',
});
export const TooManyReaders = defineError('TooManyReaders', {
  status: 429,
  message: '429 Too Many Requests',
  doc: 'So many clients follow the log that another one is refused; it can still be read without `follow=true`.',
});
export const ServerFault = defineError('ServerFault', {
  status: 500,
  message: '500 Internal Server Error',
  doc: 'A fault inside the agent while it answered. Collect the agent log and report it.',
});
