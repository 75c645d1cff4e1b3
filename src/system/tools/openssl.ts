import { defineTool } from '../tool.ts';

const facts = {
  bin: 'openssl',
  packages: { debian: 'openssl', redhat: 'openssl' },
  timeoutMs: 30_000,
} as const;

/** A new unencrypted elliptic-curve key (mode 0600, PKCS#8) and a signing request for it. */
export const opensslRequest = defineTool({
  ...facts,
  effect: 'changes',
  argv: (input: {
    readonly config: string;
    readonly curve: 'P-256' | 'P-384' | 'P-521';
    readonly keyOut: string;
    readonly requestOut: string;
  }) => [
    ...['req', '-new', '-batch', '-config', input.config, '-sha512', '-nodes'],
    ...['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${input.curve}`],
    ...['-keyout', input.keyOut, '-out', input.requestOut],
  ],
  parse: () => undefined,
});

/** Signs a request with its own key, from a start to an end date (`ca` is the one openssl 3.0 command that takes both). */
export const opensslSelfSign = defineTool({
  ...facts,
  effect: 'changes',
  argv: (input: {
    readonly config: string;
    readonly extensions: string;
    readonly request: string;
    readonly key: string;
    /** YYMMDDHHMMSSZ, or YYYYMMDDHHMMSSZ outside 1950-2049. */
    readonly from: string;
    readonly until: string;
    readonly out: string;
  }) => [
    ...['ca', '-selfsign', '-batch', '-notext', '-md', 'sha512'],
    ...['-config', input.config, '-extensions', input.extensions, '-in', input.request, '-keyfile', input.key],
    ...['-startdate', input.from, '-enddate', input.until, '-out', input.out],
  ],
  parse: () => undefined,
});

/** SHA-256 crypt of a password under a random salt, as login and chpasswd know it. The password goes by standard input. */
export const opensslPasswd = defineTool({
  ...facts,
  effect: 'reads',
  argv: (_input: { readonly password: string }) => ['passwd', '-5', '-stdin'],
  stdin: ({ password }) => `${password}\n`,
  parse: (out) => out.stdout.trim(),
});
