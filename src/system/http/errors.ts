import { defineError } from '../../core/index.ts';

export const ServerUnreachable = defineError('ServerUnreachable', {
  status: 500,
  message: 'The server did not answer',
  doc: 'No HTTP answer at all: name not resolved, refused, no route, timed out, cut, or TLS not trusted. Details say which.',
});
