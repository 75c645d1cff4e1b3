/** Starts another program with a bound on its address space, and becomes it: same process, same output. */
export const prlimit = { bin: 'prlimit', packages: { debian: 'util-linux', redhat: 'util-linux' } } as const;

/** @returns program and arguments */
export const withinMemory = (bytes: number, bin: string, argv: readonly string[]): readonly [string, string[]] => [
  prlimit.bin,
  [`--as=${bytes}`, bin, ...argv],
];
