import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

/** Puts a module that fails when called in the place of one of fastify's default compilers, as the bundle does. */
function forbid(name: string, from: NodeJS.Require): void {
  const path = from.resolve(name);
  from(name);
  const loaded = from.cache[path];
  if (loaded === undefined) throw new Error(`${name} is not loaded`);
  loaded.exports = () => () => {
    throw new Error(`${name} was reached`);
  };
}

describe('schemas of the routes', () => {
  it('never reach the default compilers of fastify', async () => {
    const require = createRequire(createRequire(import.meta.url).resolve('fastify'));
    forbid('@fastify/ajv-compiler', require);
    forbid('@fastify/fast-json-stringify-compiler', require);
    const { startTestApi } = await import('../../kit/api.ts');
    const api = await startTestApi({ commands: [], extensions: ['test'], ports: {} });
    expect((await api.get('/v1/commands/')).status).toBe(200);
    expect((await api.post('test.x')).status).toBe(400);
    expect((await api.post(7)).status).toBe(400);
    await api.server.close();
  });
});
