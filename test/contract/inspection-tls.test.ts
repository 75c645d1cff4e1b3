import { once } from 'node:events';
import { createServer } from 'node:https';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { sendReport } from '../../src/runtime/inspection/index.ts';
import { makeCertificates } from '../kit/certificates.ts';
import { inspectionKit } from '../kit/inspection-context.ts';
import { NODE_UUID } from '../kit/scripted-conductor.ts';

const made = makeCertificates();
afterAll(made.close);

it('the TLS floor of the conductor does not shut out an inspector that is older', async () => {
  const server = createServer({ ...made.server, maxVersion: 'TLSv1.2' }, (request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ uuid: NODE_UUID })));
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const kernel = `ipa-insecure=1 ipa-inspection-callback-url=https://127.0.0.1:${port}/v1/continue`;
  const { context } = inspectionKit({ kernel, auto: true });
  context.settings.override({ tlsMinVersion: '1.3' }, 'lookup answer');
  const { signal } = new AbortController();
  expect(await sendReport(context, { error: null }, signal)).toEqual({ uuid: NODE_UUID });
});
