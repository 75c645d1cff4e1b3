import type { TSchema } from 'typebox';
import { problemsOf } from '../../core/index.ts';

/**
 * Fastify's own compilers build a validator and a serializer per route at start: CPU and memory for answers that may
 * never be asked for. Both are replaced before the first route, so that they are never reached (the bundle leaves them
 * out altogether).
 */
export const validatorCompiler =
  ({ schema }: { readonly schema: TSchema }) =>
  (value: unknown): { readonly value: unknown } | { readonly error: Error } => {
    const problems = problemsOf(schema, value);
    return problems.length === 0 ? { value } : { error: new Error(problems.join('; ')) };
  };

export const serializerCompiler = () => (value: unknown) => JSON.stringify(value);
