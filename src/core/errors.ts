/** What is fixed for every error of one type: HTTP status and the short class text of the wire (`message`). */
export interface ErrorSpec {
  readonly status: number;
  readonly message: string;
  /** The wire's `message` repeats the details instead (protocol.md 9: ProtectedDeviceError). */
  readonly messageIsDetails?: boolean;
  /** One sentence for the generated error reference: when it happens and what an operator does about it. */
  readonly doc: string;
}

export interface Extra {
  readonly cause?: unknown;
  /** The next step for the operator. */
  readonly hint?: string;
  /** Machine-readable facts, added to the wire object as extra keys. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Serialised form of protocol.md 9; the conductor shows `details` to the operator. */
export interface WireError {
  readonly type: string;
  readonly code: number;
  readonly message: string;
  readonly details: string;
  readonly hint?: string;
  readonly [key: string]: unknown;
}

/** The only error class of the agent: `type` is the stable wire name, `details` the sentence for people. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly type: string;
  readonly spec: ErrorSpec;
  readonly details: string;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(type: string, spec: ErrorSpec, details: string, extra: Extra = {}) {
    super(`${spec.message}: ${details}`, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.type = type;
    this.spec = spec;
    this.details = extra.hint === undefined ? details : `${details} (${extra.hint})`;
    this.hint = extra.hint;
    this.data = extra.data ?? {};
  }

  toWire(): WireError {
    return {
      ...this.data,
      type: this.type,
      code: this.spec.status,
      message: this.spec.messageIsDetails === true ? this.details : this.spec.message,
      details: this.details,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** Makes an error of a declared type: `throw EraseFailed('/dev/sda is read-only', { hint: '...' })`. */
export interface ErrorType {
  (details: string, extra?: Extra): AgentError;
  readonly type: string;
  readonly spec: ErrorSpec;
  readonly is: (error: unknown) => error is AgentError;
}

export function defineError(type: string, spec: ErrorSpec): ErrorType {
  const make = (details: string, extra: Extra = {}) => new AgentError(type, spec, details, extra);
  const is = (error: unknown): error is AgentError => error instanceof AgentError && error.type === type;
  return Object.assign(make, { type, spec, is });
}

/** Text of anything thrown, for messages; never a stack. */
export function reasonOf(error: unknown): string {
  if (error instanceof AgentError) return error.details;
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return String(error);
}
