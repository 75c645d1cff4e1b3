/** The part of a zlib stream object that does the work. The public functions make an output buffer for each call or
 * chunk, and the one-shot ones a stream object: a third to a half of all time goes there. */
export interface NativeStream {
  onerror: (message: string) => void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  reset(): void;
}

const isNativeStream = (value: unknown): value is NativeStream =>
  typeof value === 'object' &&
  value !== null &&
  'writeSync' in value &&
  typeof value.writeSync === 'function' &&
  'reset' in value &&
  typeof value.reset === 'function';

/** A stream object's native part, and where it leaves after each call how much room and how much input are left; null when
 * this runtime has them no more. */
export function insideOf(owner: object): { readonly stream: NativeStream; readonly state: Uint32Array } | null {
  const stream: unknown = Reflect.get(owner, '_handle');
  const state: unknown = Reflect.get(owner, '_writeState');
  return isNativeStream(stream) && state instanceof Uint32Array ? { stream, state } : null;
}
