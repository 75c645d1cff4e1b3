/** Far more than a file of steps needs; what goes beyond is made to hurt. */
const LIMITS = { maxDepth: 32, maxAliases: 1000, maxTotalMergeKeys: 1000 };

/**
 * One YAML document as the reference reads it (YAML 1.1: `yes` is true).
 * @throws an error that names the line and never shows the text, which may hold passwords
 */
export async function readYaml(text: string): Promise<unknown> {
  const { load, YAML11_SCHEMA, YAMLException } = await import('js-yaml');
  try {
    return load(text, { ...LIMITS, schema: YAML11_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? '' : `line ${error.mark.line + 1}: `;
    throw new Error(`${line}${error.reason}`);
  }
}
