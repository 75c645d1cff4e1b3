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

/** Names of variables whose value is a secret wherever it stands. */
const SECRET_NAME = /pass(word|wd|phrase)|pwd|secret|token|credential|auth$|(api|access|private)_?key/i;

const secretsIn = (words: readonly string[], counts: (name: string) => boolean): readonly string[] =>
  pairsOf(words).flatMap(([option, value]) => {
    if (option === '--creds') return [value, value.slice(value.indexOf(':') + 1)];
    if (SECRET_OPTION.test(option)) return [value];
    const [, name, text] = (option === '--env' ? /^([^=]+)=(.+)$/s.exec(value) : null) ?? [];
    return name !== undefined && text !== undefined && counts(name) ? [text] : [];
  });

/** Values in the options that are hidden wherever they stand: a harmless one would be taken out of steps and results. */
export const secretsInOptions = (words: readonly string[]): readonly string[] =>
  secretsIn(words, (name) => SECRET_NAME.test(name));

/**
 * Values that are hidden where the options themselves are shown: of the environment all of them, since what a container
 * is told that way may be anything, whatever its name.
 */
export const hiddenInOptions = (words: readonly string[]): readonly string[] => secretsIn(words, () => true);
