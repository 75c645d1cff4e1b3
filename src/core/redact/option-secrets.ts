/** Options of podman and docker whose value is a secret. */
const SECRET_OPTION = /^--(creds|password|decryption-key)$/;
/** `-e`, alone or behind options without a value as in `-ite`, and what is joined to it. */
const SHORT_ENVIRONMENT = /^-[ditPq]*e=?(.*)$/s;

/** `--creds=a:b` and `--creds a:b`, `-e A=b` and `-eA=b` alike as [option, value]. */
const pairsOf = (words: readonly string[]): readonly (readonly [string, string])[] =>
  words.map((word, at) => {
    const next = words[at + 1] ?? '';
    const joined = SHORT_ENVIRONMENT.exec(word)?.[1];
    if (joined !== undefined) return ['--env', joined === '' ? next : joined];
    const [, option, value] = /^(--?[^=]+)=(.*)$/s.exec(word) ?? [];
    return option === undefined ? [word, next] : [option, value ?? ''];
  });

/** Of the environment all values: what a container is told that way may be anything, whatever its name. */
function secretIn([option, value]: readonly [string, string]): readonly string[] {
  if (option === '--creds') return [value, value.slice(value.indexOf(':') + 1)];
  if (SECRET_OPTION.test(option)) return [value];
  const text = option === '--env' ? /^[^=]+=(.+)$/s.exec(value)?.[1] : undefined;
  return text === undefined ? [] : [text];
}

/** Values in the options that no log and no error may show. */
export const secretsInOptions = (words: readonly string[]): readonly string[] => pairsOf(words).flatMap(secretIn);
