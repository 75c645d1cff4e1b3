import packageJson from '../../package.json' with { type: 'json' };
import { openApiDocument, routes } from '../../src/api/http/index.ts';
import type { Command } from '../../src/core/index.ts';
import type { Page } from './markdown.ts';

/** What the agent of this version answers to `GET /v1/openapi.json`. */
export function openApiPage(commands: readonly Command<unknown>[]): Page {
  const document = openApiDocument({ version: packageJson.version, routes, commands });
  return { file: 'openapi.json', text: `${JSON.stringify(document, null, 2)}\n` };
}
