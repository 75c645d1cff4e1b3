import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { openApiDocument, routes } from '../../../src/api/http/index.ts';
import { commands } from '../../../src/extensions/index.ts';
import { inlined, isRecord, type OpenApi, operationsOf, refsIn } from '../../kit/openapi.ts';

const file = join(import.meta.dirname, '../../../docs/reference/openapi.json');
const document: OpenApi = JSON.parse(readFileSync(file, 'utf8'));
const operations = operationsOf(document);

describe('the API document', () => {
  it('is what the server would answer', () => {
    const served = openApiDocument({ version: packageJson.version, routes, commands });
    expect(JSON.parse(JSON.stringify(served))).toEqual(document);
  });

  it('has the frame of OpenAPI 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: packageJson.version });
    expect(Object.keys(document).sort()).toEqual(['components', 'info', 'openapi', 'paths', 'servers']);
    for (const path of Object.keys(document.paths)) expect(path).toMatch(/^\//);
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[a-zA-Z0-9._-]+$/);
  });

  it('every reference leads somewhere', () => {
    const refs = refsIn(document);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(() => inlined(document, { $ref: ref })).not.toThrow();
  });

  it('every schema is one', () => {
    for (const schema of Object.values(document.components.schemas))
      expect(() => Compile(Object(inlined(document, schema)))).not.toThrow();
  });

  it.each(operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s is complete',
    (_name, { path, operation }) => {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const inPath = operation.parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(named);
      for (const one of operation.parameters) {
        expect(['path', 'query']).toContain(one.in);
        if (one.in === 'path') expect(one.required).toBe(true);
        expect(isRecord(one.schema)).toBe(true);
      }
      expect(Object.keys(operation.responses)).toContain('200');
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        expect(description).not.toBe('');
        expect(Object.keys(content)).toEqual([expect.stringMatching(/^(application\/json|text\/plain)$/)]);
      }
      for (const need of operation.security)
        for (const scheme of Object.keys(need)) expect(document.components.securitySchemes).toHaveProperty(scheme);
    },
  );

  it('has one name for each operation, and every route', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual(routes.map(({ name }) => name).sort());
  });

  it('protects what the server protects', () => {
    for (const { operation } of operations) {
      const route = routes.find(({ name }) => name === operation.operationId);
      expect([operation.operationId, operation.security.length === 1]).toEqual([
        operation.operationId,
        route?.token !== false,
      ]);
    }
  });

  it.each(commands.map((command) => [command.name, command] as const))('%s can be posted', (name, command) => {
    const post = operations.find(({ operation }) => operation.operationId === 'runCommand')?.operation;
    const body = post?.requestBody?.content['application/json']?.schema;
    const ref = `#/components/schemas/${name}`;
    expect(body?.oneOf).toContainEqual({ $ref: ref });
    expect(body?.discriminator).toMatchObject({ propertyName: 'name', mapping: { [name]: ref } });
    const schema = document.components.schemas[name];
    expect(schema).toMatchObject({ required: ['name', 'params'], properties: { name: { const: name } } });
    expect(schema?.description).toContain(`Result: ${command.result}.`);
    const params = JSON.parse(JSON.stringify(command.params));
    expect(schema?.properties?.params).toMatchObject(params);
  });
});
