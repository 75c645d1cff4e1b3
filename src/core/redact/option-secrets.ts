/** Options of podman and docker whose value is a secret. */
const SECRET_OPTION = /^--(creds|password|decryption-key)$/;
const ENVIRONMENT_OPTION = /^(-e|--env)$/;
const SECRET_NAME = /(pass(word|wd|phrase)?|secret|token|credentials?|api_?key|private_?key)$/i;

/** `--creds=a:b` and `--creds a:b` alike as [option, value]. */
const pairsOf = (words: readonly string[]): readonly (readonly [string, string])[] =>
  words.map((word, at) => {
    const [, option, value] = /^(--?[^=]+)=(.*)$/s.exec(word) ?? [];
    return option === undefined ? [word, words[at + 1] ?? ''] : [option, value ?? ''];
  });

function secretIn([option, value]: readonly [string, string]): readonly string[] {
  if (option === '--creds') return [value, value.slice(value.indexOf(':') + 1)];
  if (SECRET_OPTION.test(option)) return [value];
  const [, name, text] = ENVIRONMENT_OPTION.test(option) ? (/^([^=]+)=(.*)$/s.exec(value) ?? []) : [];
  return name !== undefined && text !== undefined && SECRET_NAME.test(name) ? [text] : [];
}

/** Values in the options that no log and no error may show. */
export const secretsInOptions = (words: readonly string[]): readonly string[] => pairsOf(words).flatMap(secretIn);
