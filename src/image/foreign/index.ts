export { convertBody, type Examined, examine, findStretches, readPart, requireConverter } from './convert.ts';
export type { ReadAt } from './fields.ts';
export { inspectForeign } from './inspect.ts';
export { receiveInto, type Store } from './receive.ts';
export { planStaging, type Staging, type StagingRoom } from './staging.ts';
export { planStretches } from './stretches.ts';
