import { type Static, Type } from 'typebox';

const At = Type.Number();
const OptionalText = Type.Optional(Type.String());

/** What a lab run tells the outside while it happens. `at` is milliseconds since the epoch. */
export const LabEvent = Type.Union([
  Type.Object({ type: Type.Literal('stage'), id: Type.String(), title: Type.String(), at: At }),
  Type.Object({ type: Type.Literal('end'), id: Type.String(), at: At, failed: OptionalText, detail: OptionalText }),
  Type.Object({ type: Type.Literal('note'), text: Type.String(), at: At }),
  Type.Object({
    type: Type.Literal('progress'),
    done: Type.Number(),
    total: Type.Union([Type.Number(), Type.Null()]),
    unit: Type.Union([Type.Literal('bytes'), Type.Literal('items')]),
    at: At,
  }),
]);
export type LabEvent = Static<typeof LabEvent>;

export interface Timeline {
  /** Opens a stage; another one that is open is closed first. */
  stage(id: string, title: string): void;
  /** Closes the open stage; nothing happens when none is open. */
  end(detail?: string): void;
  fail(reason: string): void;
  note(text: string): void;
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void;
}

/** Events go to `emit` in order. */
export function createTimeline(emit: (event: LabEvent) => void, now: () => number): Timeline {
  let open: string | null = null;
  const close = (extra: { readonly failed?: string; readonly detail?: string }) => {
    if (open === null) return;
    const id = open;
    open = null;
    emit({ type: 'end', id, at: now(), ...extra });
  };
  return {
    stage: (id, title) => {
      if (open === id) return;
      close({});
      open = id;
      emit({ type: 'stage', id, title, at: now() });
    },
    end: (detail) => close(detail === undefined ? {} : { detail }),
    fail: (reason) => close({ failed: reason }),
    note: (text) => emit({ type: 'note', text, at: now() }),
    progress: (done, total, unit) => emit({ type: 'progress', done, total, unit, at: now() }),
  };
}
